"""`/metrics`, as Prometheus reads it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.exposition import MEDIA_TYPE, exposition
from agentconf.server.openapi import Responses
from agentconf.server.options import Options
from agentconf.server.serving import serving_of

router = APIRouter(tags=["status"])

_TEXT: Final[Responses] = {
    200: {"description": "The metrics as text", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
}


class _Text(Response):
    media_type = MEDIA_TYPE


@router.get("/metrics", responses=_TEXT, response_class=_Text)
async def metrics(request: Request) -> Response:
    """What is counted, in Prometheus's text format; with `--workers`, by the process that answers, which it names."""
    require(request, Scope.READ)
    options: Options = request.app.state.options
    labels = {} if options.worker is None else {"worker": str(options.worker)}
    return _Text(exposition(serving_of(request).metrics(), labels), headers={"cache-control": "no-store"})
