"""`/healthz` and `/readyz`: whether the process lives, and whether it can answer. They need no token."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentconf.server.answers import fresh_answer
from agentconf.server.documents import Alive, Ready
from agentconf.server.openapi import problems
from agentconf.server.problem import UNAVAILABLE, Problem
from agentconf.server.serving import serving_of

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Alive)
async def healthz() -> Response:
    """Whether the process lives."""
    return fresh_answer({"status": "ok"})


@router.get("/readyz", response_model=Ready, responses=problems(UNAVAILABLE))
async def readyz(request: Request) -> Response:
    """Whether there is a good snapshot to serve. A stale one is one, and the answer says so."""
    serving = serving_of(request)
    if serving.stopping.is_set():
        raise Problem(UNAVAILABLE, "the server is ending; ask another")
    status = serving.status
    return fresh_answer(
        {"status": "ready", "state": status.state, "generation": status.generation, "digest": status.applied}
    )
