"""`/api/agents`: the agents."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.serving import serving_of

router = APIRouter(prefix="/api/agents", tags=["agents"])


@router.get("/{agent_id}")
async def agent(request: Request, agent_id: str) -> Response:
    """One agent as resolved, as `agentconf show --format json` prints it."""
    require(request, Scope.READ)
    return serving_of(request).answers.agent(agent_id)
