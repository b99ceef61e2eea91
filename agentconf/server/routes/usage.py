"""`/api/usage`: what was used and spent, where this machine keeps it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.openapi import problems
from agentconf.server.problem import NOT_KEPT, Problem

router = APIRouter(prefix="/api", tags=["usage"])


@router.get("/usage", responses=problems(NOT_KEPT))
async def usage(request: Request) -> Response:
    """What was used and spent, by agent."""
    require(request, Scope.READ)
    raise Problem(NOT_KEPT, "this server keeps no record of calls")
