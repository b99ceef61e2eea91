"""A thousand clients of the push in one process, which cost next to nothing: they look for one word and note the time.

It reads lines: a port and a kind to connect, `next` for the moment at which the last client has seen the next event.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Final

import uvloop

LAST: Final = b'"type":"generation"'
"""In the last message of a generation."""

_SUBSCRIBE: Final = b'{"subscribe": "agent_config"}'
_AT_ONCE: Final = 50
_HANDSHAKE: Final = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_STREAM: Final = "GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n"


class Crowd:
    """How many have seen the event, and when the last did."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seen = 0
        self.is_seen = asyncio.Event()
        self.last = 0.0

    def see(self) -> None:
        self.seen += 1
        if self.seen == self.count:
            self.last = time.monotonic()
            self.is_seen.set()


class Listener(asyncio.Protocol):
    """One client, of a WebSocket or of an event stream."""

    def __init__(self, crowd: Crowd, port: int, kind: str) -> None:
        self._crowd = crowd
        self._request = (_HANDSHAKE if kind == "websocket" else _STREAM).format(port=port).encode()
        self._is_socket = kind == "websocket"
        self._tail = b""
        self.is_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvloop's looks like one
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.is_ready.done():
            assert b" 101 " in data[:20] or b" 200 " in data[:20], data[:200]
            self.is_ready.set_result(None)
            if self._is_socket:
                self._transport.write(bytes([0x81, 0x80 | len(_SUBSCRIBE), 0, 0, 0, 0]) + _SUBSCRIBE)
            return
        whole = self._tail + data
        if LAST in whole:
            self._tail = b""
            self._crowd.see()
        else:
            self._tail = whole[-len(LAST) :]


async def listen(port: int, kind: str, count: int) -> None:
    """Connect, say so, and then answer each line with the moment at which the last client had the event."""
    crowd, loop = Crowd(count), asyncio.get_running_loop()
    for begin in range(0, count, _AT_ONCE):
        few = range(begin, min(begin + _AT_ONCE, count))
        made = [await loop.create_connection(lambda: Listener(crowd, port, kind), "127.0.0.1", port) for _ in few]
        await asyncio.gather(*(listener.is_ready for _, listener in made))
    _say({"ready": count})
    while await asyncio.to_thread(sys.stdin.readline):
        crowd.seen = 0
        crowd.is_seen.clear()
        _say({"armed": True})
        await crowd.is_seen.wait()
        _say({"last": crowd.last})


def _say(said: dict[str, object]) -> None:
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    uvloop.run(listen(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
