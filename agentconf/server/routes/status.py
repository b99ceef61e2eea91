"""`/api/status`: how it goes. `/api/accept-deletes`: those that disappeared all at once are meant to be gone."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentconf import __version__
from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.answers import fresh_answer
from agentconf.server.documents import Accepted, StatusDocument
from agentconf.server.serving import serving_of

router = APIRouter(prefix="/api", tags=["status"])


@router.get("/status", response_model=StatusDocument)
async def status(request: Request) -> Response:
    """Fresh, stale or failing, and why; what is served, what was tried, and who is refused for what."""
    require(request, Scope.READ)
    serving = serving_of(request)
    said, snapshot = serving.status.as_json(), serving.snapshot
    said |= {
        "environment": snapshot.environment,
        "default_agent": snapshot.default_agent,
        "agents": len(snapshot),
        "disabled": sorted(snapshot.disabled),
        "version": __version__,
    }
    said |= {name: report() for name, report in serving.reports.items()}
    return fresh_answer(said)


@router.post("/accept-deletes", response_model=Accepted)
async def accept_deletes(request: Request) -> Response:
    """Confirm that the agents that disappeared all at once are meant to be gone. It needs the scope `write`."""
    require(request, Scope.WRITE)
    gone = await asyncio.to_thread(serving_of(request).watch.accept_deletes)
    return fresh_answer({"accepted": list(gone)})
