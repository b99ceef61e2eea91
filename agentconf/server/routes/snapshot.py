"""`/api/snapshot`: everything at one moment, or what changed since another."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.openapi import NOT_MODIFIED
from agentconf.server.push.documents import SnapshotDocument
from agentconf.server.push.life import hub_of

router = APIRouter(tags=["snapshot"])

_HEADERS: Final = {"cache-control": "private, no-cache", "vary": "Accept-Encoding, Authorization"}


@router.get("/api/snapshot", response_model=SnapshotDocument, responses=NOT_MODIFIED)
async def snapshot(
    request: Request,
    since: Annotated[str | None, Query(max_length=128)] = None,
    facts: Annotated[str | None, Query(max_length=64)] = None,
    if_none_match: Annotated[str | None, Header(max_length=512)] = None,
    accept_encoding: Annotated[str, Header(max_length=512)] = "",
) -> Response:
    """Every agent as `show` prints it, the digests, and what else a client needs to serve the same.

    With `since`, the id (`RUN:GENERATION`) or the digest of what the client has: only what changed, `gone` for the ids
    that went, and `since` repeated; everything, and `since` null, where this server does not know it. `facts` is what
    the client was told under that name: models and settings are left out where they are the same.
    """
    require(request, Scope.READ)
    hub = hub_of(request)
    if if_none_match is not None and matches(if_none_match, await hub.etag()):
        return Response(status_code=304, headers={**_HEADERS, "etag": f'W/"{await hub.etag()}"'})
    etag, body = await hub.answer(since, facts)
    headers = {**_HEADERS, "etag": f'W/"{etag}"'}
    if body.packed is not None and takes_gzip(accept_encoding):
        headers["content-encoding"] = "gzip"
        return Response(body.packed, headers=headers, media_type="application/json")
    return Response(body.plain, headers=headers, media_type="application/json")


def matches(header: str, etag: str) -> bool:
    """Whether an If-None-Match names an ETag, or anything."""
    said = [one.strip().removeprefix("W/").strip('"') for one in header.split(",")]
    return etag in said or "*" in said


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding allows gzip."""
    for one in header.split(","):
        name, _, parameters = one.partition(";")
        if name.strip().lower() in {"gzip", "*"}:
            return parameters.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
