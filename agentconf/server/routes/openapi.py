"""`/openapi.json`: what there is to ask, and every answer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from agentconf.server.answers import answer, conditional
from agentconf.server.openapi import NOT_MODIFIED, document

router = APIRouter(tags=["health"])


@router.get("/openapi.json", responses=NOT_MODIFIED | {200: {"description": "An OpenAPI document"}})
async def openapi(request: Request) -> Response:
    """This document. It needs no token."""
    return conditional(request, answer(document(request.app)))
