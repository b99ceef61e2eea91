"""`/api/tickets`: what a browser's EventSource and WebSocket send in the place of a token."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentconf.server.access.caller import Scope
from agentconf.server.access.gate import Gate
from agentconf.server.access.require import require
from agentconf.server.access.tickets import LIFETIME_S
from agentconf.server.answers import fresh_answer
from agentconf.server.documents import Ticket

router = APIRouter(prefix="/api", tags=["push"])


@router.post("/tickets", response_model=Ticket)
async def ticket(request: Request) -> Response:
    """A ticket: it lets in once, within seconds, and to read alone, as `?ticket=` of /ws or /api/events."""
    caller = require(request, Scope.READ)
    gate: Gate = request.app.state.gate
    return fresh_answer({"ticket": gate.tickets.issue(caller), "expires_in_s": LIFETIME_S})
