"""`/ofrep/v1/evaluate/flags`: OpenFeature's remote evaluation protocol, by which any of its SDKs reads agents."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.answers import answer_bytes, conditional
from agentconf.server.documents import Document
from agentconf.server.flags import FlagError, Flags, targeting_key
from agentconf.server.openapi import NOT_MODIFIED, Responses, problems
from agentconf.server.problem import INVALID_REQUEST, Problem
from agentconf.server.serving import serving_of

router = APIRouter(prefix="/ofrep/v1/evaluate/flags", tags=["openfeature"])


class FlagDocument(Document):
    """An agent as a flag. `value` is the resolved agent in the keys of the format, secrets as references."""

    key: str
    reason: str
    variant: str
    value: dict[str, Any]
    metadata: dict[str, str]


class FlagErrorDocument(Document):
    """What the protocol says in the place of a value."""

    key: str | None = None
    errorCode: str  # noqa: N815  # the protocol's name
    errorDetails: str  # noqa: N815  # the same


class BulkDocument(Document):
    flags: list[FlagDocument | FlagErrorDocument]
    metadata: dict[str, str]


_CONTEXT: Final = {
    "type": "object",
    "properties": {"context": {"type": "object", "properties": {"targetingKey": {"type": "string"}}}},
}
_ALSO_PROBLEMS: Final = {"content": problems(INVALID_REQUEST)[INVALID_REQUEST.status]["content"]}
_BODY: Final = {"requestBody": {"required": True, "content": {"application/json": {"schema": _CONTEXT}}}}
_MALFORMED: Final[Responses] = {
    400: {"model": FlagErrorDocument, "description": "The protocol's own errors", **_ALSO_PROBLEMS}
}
_UNKNOWN: Final[Responses] = {404: {"model": FlagErrorDocument, "description": "FLAG_NOT_FOUND"}}


@router.post("", response_model=BulkDocument, responses=_MALFORMED | NOT_MODIFIED, openapi_extra=_BODY)
async def bulk(request: Request) -> Response:
    """Every agent for one targeting key."""
    require(request, Scope.READ)
    try:
        key = targeting_key(await request.body())
    except FlagError as error:
        return _error(error, 400)
    return conditional(request, answer_bytes(await asyncio.to_thread(_flags(request).bulk, key)))


@router.post("/{key}", response_model=FlagDocument, responses=_MALFORMED | _UNKNOWN, openapi_extra=_BODY)
async def evaluate(request: Request, key: str) -> Response:
    """One agent for one targeting key."""
    require(request, Scope.READ)
    try:
        chosen_for = targeting_key(await request.body())
        serving_of(request).answers.require(key)
        found = _flags(request).flag(key, chosen_for)
    except Problem as problem:
        return _error(FlagError("FLAG_NOT_FOUND", str(problem)), 404, key)
    except FlagError as error:
        return _error(error, 404 if error.code == "FLAG_NOT_FOUND" else 400, key)
    return JSONResponse(found, headers={"cache-control": "private, no-cache"})


def _flags(request: Request) -> Flags:
    """Of the newest snapshot; made once for each."""
    snapshot, state = serving_of(request).snapshot, request.app.state
    flags: Flags | None = getattr(state, "flags", None)
    if flags is None or flags.snapshot is not snapshot:
        flags = state.flags = Flags(snapshot)
    return flags


def _error(error: FlagError, status: int, key: str | None = None) -> Response:
    return JSONResponse(error.as_json(key), status)
