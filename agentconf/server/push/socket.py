"""One client on the WebSocket: what it says, and what it is told."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import suppress
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from agentconf.server.access.caller import Scope
from agentconf.server.access.require import require
from agentconf.server.problem import Problem
from agentconf.server.push.hub import Hub
from agentconf.server.push.member import Member
from agentconf.server.push.parcel import Parcel
from agentconf.server.push.words import Heartbeat, NotUnderstood, Subscription, understood

_ENDING: Final = 1012
_REFUSED: Final = 1008
_MOST: Final = 40
_WITHIN_S: Final = 10.0
"""So many messages within so much time; one that sends more is no client of ours."""


async def serve_socket(websocket: WebSocket, hub: Hub) -> None:
    """From the handshake to the end of the connection."""
    member = Member("websocket", hub.history.newest.generation)
    try:
        member.token = require(websocket, Scope.READ).token
        hub.join(member)
    except Problem as error:
        await websocket.send_denial_response(error.response)
        return
    try:
        await websocket.accept()
        await _Socket(websocket, hub, member).serve()
    except WebSocketDisconnect:
        pass
    except asyncio.CancelledError:
        if not member.is_ending or (task := asyncio.current_task()) is None:
            raise
        task.uncancel()  # the hub has cut it off: the connection is closed when this returns
    finally:
        hub.leave(member)


class _Socket:
    def __init__(self, websocket: WebSocket, hub: Hub, member: Member) -> None:
        self._websocket = websocket
        self._hub = hub
        self._member = member
        self._heard: deque[float] = deque(maxlen=_MOST)
        self._refusal: str | None = None

    async def serve(self) -> None:
        listening = asyncio.create_task(self._listen())
        try:
            await self._hub.tell(self._member, self._send)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect):
                await listening
        if self._refusal is not None:
            await self._send_text({"type": "error", "detail": self._refusal})
            await self._websocket.close(_REFUSED, "the message is not understood")
        elif self._hub.is_ending:
            await self._websocket.close(_ENDING, "the server is ending")

    async def _send(self, parcel: Parcel) -> None:
        is_little = len(parcel.pieces) == 1  # then all of it is one write
        *first, last = parcel.messages
        for message in first:
            await self._websocket.send({"type": "websocket.send", "text": message, "is_followed": is_little})
        await self._websocket.send({"type": "websocket.send", "text": last})

    async def _send_text(self, said: dict[str, Any]) -> None:
        await self._websocket.send({"type": "websocket.send", "text": json.dumps(said)})

    async def _listen(self) -> None:
        """What the client says, until it goes, or says what is not understood."""
        try:
            async with asyncio.timeout(self._hub.pace.subscribe_timeout):
                while not self._member.is_listening:
                    self._take(understood(await self._receive()))
            while True:
                self._take(understood(await self._receive()))
        except NotUnderstood as error:
            self._refusal = str(error)
        except TimeoutError:
            self._refusal = "a client subscribes before anything else"
        except WebSocketDisconnect:
            pass
        finally:
            self._member.is_ending = True
            self._member.wake()

    async def _receive(self) -> str | None:
        message = await self._websocket.receive()
        if message["type"] != "websocket.receive":
            raise WebSocketDisconnect
        now = self._member.heard_at = asyncio.get_running_loop().time()
        if len(self._heard) == _MOST and now - self._heard[0] < _WITHIN_S:
            raise NotUnderstood(f"more than {_MOST} messages within {_WITHIN_S:g} s")
        self._heard.append(now)
        text: str | None = message.get("text")
        return text

    def _take(self, said: Subscription | Heartbeat) -> None:
        if isinstance(said, Heartbeat):
            self._member.digest = said.digest
            return
        member, history = self._member, self._hub.history
        member.name, member.is_hinted = said.name, said.is_hinted
        member.digest = said.digest or member.digest
        since = said.since or said.digest
        if since is not None:
            member.place = history.place_of(since)
            if member.place is None and said.digest is not None:
                member.place = history.place_of(said.digest)
            member.is_owed = True
        member.is_listening = True
        member.wake()
