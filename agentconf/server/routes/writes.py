"""`POST`, `PUT`, `PATCH` and `DELETE /api/agents/{id}`: the agent's own file, edited in place and committed."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from starlette.responses import JSONResponse, Response

from agentconf.server.access.caller import Caller, Scope
from agentconf.server.access.require import require
from agentconf.server.answers import conditional
from agentconf.server.openapi import NOT_MODIFIED, Responses, problems
from agentconf.server.problem import (
    FORBIDDEN,
    INVALID_PARAMETER,
    NOT_ALLOWED,
    UNAVAILABLE,
    UNKNOWN_AGENT,
    Problem,
)
from agentconf.server.routes.known import ONLY_KNOWN
from agentconf.server.writing.asked import WRONG_TYPE, Asked, Way, value_of
from agentconf.server.writing.documents import FileDocument, WriteDocument
from agentconf.server.writing.drafting import NOT_EDITABLE
from agentconf.server.writing.ground import AMBIGUOUS, NOT_WRITABLE
from agentconf.server.writing.masks import shown
from agentconf.server.writing.outcome import Mode, Outcome
from agentconf.server.writing.permitted import NOT_PERMITTED, require_agents_name
from agentconf.server.writing.place import CHANGED, EXISTS, UNGUARDED, require_guarded
from agentconf.server.writing.publishing import NOT_PUSHED
from agentconf.server.writing.verdict import INVALID_EDIT
from agentconf.server.writing.writer import READ_ONLY, Writer, take_up
from agentconf.source.git.making import Person

router = APIRouter(prefix="/api/agents", tags=["writes"])

_log = logging.getLogger("agentconf.server")
_NOT_IN_A_NAME: Final = re.compile(r"[\x00-\x1f\x7f<>]+")
_ANY: Final = problems(
    NOT_ALLOWED, UNKNOWN_AGENT, NOT_WRITABLE, READ_ONLY, AMBIGUOUS, INVALID_EDIT, NOT_PERMITTED, NOT_EDITABLE,
    INVALID_PARAMETER, NOT_PUSHED, UNAVAILABLE,
)  # fmt: skip
_GUARDED: Final = problems(UNGUARDED, CHANGED)
_DRY_RUN: Final[Responses] = {200: {"model": WriteDocument, "description": "What a dry run would do"}}
_PROPOSED: Final[Responses] = {202: {"model": WriteDocument, "description": "Proposed on a branch of its own"}}


def _body(kind: str, of: str) -> dict[str, Any]:
    schema = {"type": "object", "description": of}
    return {"requestBody": {"required": True, "content": {kind: {"schema": schema}}}}


def _if_match() -> dict[str, Any]:
    said = "The ETag of the agent's document; a write without it is refused (428)."
    return {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}, "description": said}


async def _require_on(request: Request) -> None:
    """Before anything else, a token or a parameter too: where writes are off there is nothing to be wrong about."""
    if writer_of(request).mode is Mode.OFF:
        said = "writes are off here; start the server with --writes commit, or with --writes propose"
        raise Problem(NOT_ALLOWED, said, headers={"allow": "GET, HEAD"})


_WRITES: Final = [Depends(_require_on), ONLY_KNOWN]
_Dry = Annotated[bool, Query(description="Say what the write would do, and do nothing.")]
_DOCUMENT: Final = _body("application/json", "The agent's file: the keys of the format.")
_PATCH: Final = _body("application/merge-patch+json", "JSON Merge Patch (RFC 7396): null removes a key.")


@router.get(
    "/{agent_id}/document",
    response_model=FileDocument,
    responses=NOT_MODIFIED | problems(UNKNOWN_AGENT, AMBIGUOUS, NOT_WRITABLE, UNAVAILABLE),
)
async def document(request: Request, agent_id: str) -> Response:
    """What the agent's own file says, and the ETag of the file's bytes, which a write must name."""
    require(request, Scope.READ)
    found, tag = await writer_of(request).document(agent_id)
    if not found.is_readable:
        raise Problem(NOT_WRITABLE, f"{found.file} cannot be read as it is; mend it by hand")
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    said = {"id": agent_id, "file": found.file, "document": shown(found.value)}
    return conditional(request, JSONResponse(said, headers=headers))


@router.post(
    "/{agent_id}",
    status_code=201,
    response_model=WriteDocument,
    responses=_ANY | problems(EXISTS, NOT_WRITABLE, READ_ONLY, WRONG_TYPE) | _DRY_RUN | _PROPOSED,
    dependencies=_WRITES,
    openapi_extra=_DOCUMENT,
)
async def create(
    request: Request,
    agent_id: str,
    folder: Annotated[str, Query(description="A folder of the tree; empty for its root.", max_length=1000)] = "",
    dry_run: _Dry = False,
) -> Response:
    """A new agent, in a file of its own."""
    return await _write(request, Way.CREATE, agent_id, folder=folder, is_dry=dry_run)


@router.put(
    "/{agent_id}",
    response_model=WriteDocument,
    responses=_ANY | _GUARDED | _PROPOSED | problems(WRONG_TYPE),
    dependencies=_WRITES,
    openapi_extra={**_DOCUMENT, "parameters": [_if_match()]},
)
async def replace(request: Request, agent_id: str, dry_run: _Dry = False) -> Response:
    """The whole document of the agent's file; what is the same in it stays as it is written, byte for byte."""
    return await _write(request, Way.REPLACE, agent_id, is_dry=dry_run)


@router.patch(
    "/{agent_id}",
    response_model=WriteDocument,
    responses=_ANY | _GUARDED | _PROPOSED | problems(WRONG_TYPE),
    dependencies=_WRITES,
    openapi_extra={**_PATCH, "parameters": [_if_match()]},
)
async def patch(request: Request, agent_id: str, dry_run: _Dry = False) -> Response:
    """Some keys of the agent's file: null removes one, so that what is inherited applies again."""
    return await _write(request, Way.MERGE, agent_id, is_dry=dry_run)


@router.delete(
    "/{agent_id}",
    response_model=WriteDocument,
    responses=_ANY | _GUARDED | _PROPOSED,
    dependencies=_WRITES,
    openapi_extra={"parameters": [_if_match()]},
)
async def remove(request: Request, agent_id: str, dry_run: _Dry = False) -> Response:
    """No more of the agent's file. A prompt of its own stays."""
    return await _write(request, Way.REMOVE, agent_id, is_dry=dry_run)


async def _write(request: Request, way: Way, agent_id: str, *, folder: str = "", is_dry: bool = False) -> Response:
    caller = require(request, Scope.WRITE)
    author, tags = _author(caller), ", ".join(request.headers.getlist("if-match"))
    require_agents_name(agent_id)
    require_guarded(way, tags)
    value = None
    if way is not Way.REMOVE:
        value = value_of(way, request.headers.get("content-type"), await request.body())
    asked = Asked(way, agent_id, author, caller.token or "", value, tags, folder, is_dry)
    outcome = await writer_of(request).write(asked)
    if outcome.made is not None:
        said = (way.value, agent_id, outcome.made.commit[:12], outcome.made.branch, caller.token)
        _log.info("%s of '%s' is %s on %s, by the token '%s'", *said)
    return JSONResponse(outcome.as_json(), outcome.status, _headers(request, outcome))


def _headers(request: Request, outcome: Outcome) -> dict[str, str]:
    """The ETag of what is there now: of a proposal and a dry run nothing is."""
    headers = {"cache-control": "no-store"}
    is_there = outcome.made is not None and outcome.mode is Mode.COMMIT
    if outcome.tag is not None and is_there:
        headers["etag"] = outcome.tag
    if outcome.status == 201:
        headers["location"] = request.url.path
    return headers


def _author(caller: Caller) -> Person:
    """As git can write them. Raises Problem (403)."""
    owner = caller.owner
    name, email = (_NOT_IN_A_NAME.sub(" ", text).strip() for text in (owner.name, owner.email)) if owner else ("", "")
    if not name or not email:
        raise Problem(FORBIDDEN, f"the token '{caller.token}' names no owner, who would be the author of the commit")
    return Person(name, email)


def writer_of(request: Request) -> Writer:
    """The one who writes for the server of a request."""
    writer: Writer = request.app.state.writer
    return writer


@asynccontextmanager
async def life(app: FastAPI) -> AsyncGenerator[None]:
    """The writer begins with the application, and first finishes what one before it had begun."""
    path, writes = app.state.serving.path, app.state.options.writes
    await asyncio.to_thread(take_up, path, writes)
    writer = app.state.writer = Writer(path, Mode(writes))
    try:
        yield
    finally:
        await asyncio.to_thread(writer.close)
