"""One client on an event stream: the same as on the WebSocket, for those that only read."""

from __future__ import annotations

import asyncio
import logging
from random import SystemRandom
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from agentconf.server.push.hub import Hub
from agentconf.server.push.member import Member
from agentconf.server.push.parcel import Parcel

_HEADERS: Final = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
}
_RETRY_MS: Final = (1000, 5000)
"""When a browser comes back: not all of them at one moment."""

_random = SystemRandom()
_log = logging.getLogger("agentconf.server")


class EventStream(Response):
    """Goes on until the client leaves or the server ends."""

    def __init__(self, hub: Hub, member: Member) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._hub = hub
        self._member = member

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hub, member = self._hub, self._member
        leaving = asyncio.create_task(_left(receive))
        try:
            hub.join(member)
            await self._begin(send)
            leaving.add_done_callback(lambda _: _leave(member))

            async def write(parcel: Parcel) -> None:
                for piece in parcel.pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})

            await hub.tell(member, write)
            await send({"type": "http.response.body", "body": b""})
        except OSError:
            _log.debug("a client of the event stream has left")
        except asyncio.CancelledError:
            if not member.is_ending or (task := asyncio.current_task()) is None:
                raise
            task.uncancel()  # the hub has cut it off
        finally:
            hub.leave(member)
            leaving.cancel()

    async def _begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        hello = f"retry: {_random.randint(*_RETRY_MS)}\n\n".encode()
        await send({"type": "http.response.body", "body": hello, "more_body": True})


async def _left(receive: Receive) -> None:
    """Returns when the client has left; before that comes the body that a GET does not have."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _leave(member: Member) -> None:
    member.is_ending = True
    member.wake()
