"""`/ws` and `/api/events`: every change, as it comes."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request, WebSocket
from starlette.responses import Response

from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.openapi import Responses, problems
from agentconf.server.problem import NOT_FOUND, UNAVAILABLE, UPGRADE_REQUIRED, Problem
from agentconf.server.push.life import hub_of
from agentconf.server.push.member import Member
from agentconf.server.push.socket import serve_socket
from agentconf.server.push.stream import EventStream
from agentconf.server.push.words import named

router = APIRouter(tags=["push"])

Mark = Annotated[str | None, Query(max_length=128)]


@router.websocket("/ws")
async def changes(websocket: WebSocket) -> None:
    """Every change, to a client that sends `{"subscribe": "agent_config"}`."""
    await serve_socket(websocket, hub_of(websocket))


@router.get("/ws", status_code=426, response_class=Response, responses=problems(UPGRADE_REQUIRED))
async def not_upgraded() -> Response:
    """For a WebSocket alone; a proxy on the way has to pass its handshake on."""
    said = "this address speaks WebSocket: a proxy on the way must pass the headers Upgrade and Connection on"
    return Problem(UPGRADE_REQUIRED, said, headers={"upgrade": "websocket"}).response


@router.websocket("/{path:path}")
async def nowhere(websocket: WebSocket) -> None:
    """Any other address: else the answer would be an empty 403, as if another token would do."""
    said = "there is no WebSocket at this address; changes are pushed on /ws"
    await websocket.send_denial_response(Problem(NOT_FOUND, said).response)


_STREAM: Final[Responses] = {
    200: {"description": "Events, each with one JSON object as its data", "content": {"text/event-stream": {}}}
}
"""Without a schema: OpenAPI 3.1 does not say whether it would be of the stream or of an event."""


@router.get("/api/events", status_code=200, response_class=Response, responses=_STREAM | problems(UNAVAILABLE))
async def events(
    request: Request,
    since: Mark = None,
    client: Annotated[str | None, Query(max_length=64)] = None,
    last_event_id: Annotated[str | None, Header(max_length=128)] = None,
) -> Response:
    """Every change as server-sent events. `since`, or Last-Event-ID, is the id or the digest of what the client has."""
    caller = require(request, Scope.READ)
    hub = hub_of(request)
    member = Member("event-stream", hub.history.newest.generation, named(client), caller.token)
    asked = last_event_id or since
    if asked:
        member.place, member.is_owed = hub.history.place_of(asked), True
    member.is_listening = True
    hub.refuse_if_full()
    return EventStream(hub, member)
