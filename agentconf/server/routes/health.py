"""`/healthz` and `/readyz`: whether the process lives, and whether it has something good to serve."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentconf.server.answers import answer
from agentconf.server.problem import UNAVAILABLE, Problem
from agentconf.server.serving import serving_of

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Response:
    """Whether the process lives."""
    return answer({"status": "ok"})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Whether there is a good snapshot to serve; a stale one counts, and says so."""
    serving = serving_of(request)
    if serving.stopping.is_set():
        raise Problem(UNAVAILABLE, "the server is ending")
    status = serving.status
    return answer({"status": "ready", "state": status.state, "generation": status.generation, "digest": status.applied})
