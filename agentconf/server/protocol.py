"""HTTP on one connection, within bounds: how many there are, how large a head is, how slow a client may be."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from agentconf.server.guard.exchange import too_large
from agentconf.server.problem import (
    INVALID_REQUEST,
    MEDIA_TYPE,
    TOO_BUSY,
    TOO_LONG_HEAD,
    TOO_SLOW,
    Problem,
    problem_bytes,
)
from agentconf.server.unread import Unread

_MOST_HEADERS = 100
_MOST_WAITING = 64
"""How many requests a client may send ahead of the answers. uvicorn takes any number of them."""


class BoundedProtocol(Unread, HttpToolsProtocol):
    """A connection. Deadlines are moments of the loop's clock, and looked at by `sweep`, about once a second.

    A timer for each would cost every request more than all the rest of this.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._arrives_by: float | None = None
        self._message_bytes = 0
        self._is_head = True
        self._refusal: Problem | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if 0 < self.limits.connections < len(self.connections):
            self._refuse(Problem(TOO_BUSY, "the server has as many connections as it takes; try again"))
        else:
            self._arrives_by = self.loop.time() + self.limits.head_timeout_s

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._arrives_by is None and not self._is_answering:
            self._arrives_by = self.loop.time() + self.limits.head_timeout_s
        super().data_received(data)
        if self._arrives_by is not None:
            self._message_bytes += len(data)
            if self._message_bytes > self._most_bytes and not self.transport.is_closing():
                self._refuse(_too_long_head() if self._is_head else too_large())

    def on_message_begin(self) -> None:
        self._is_head = True
        self._message_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.limits.header_bytes or len(self.headers) > _MOST_HEADERS:
            self._refusal = _too_long_head()
            raise ValueError(self._refusal.detail)  # the parser ends with it
        if len(self.pipeline) >= _MOST_WAITING:
            self.transport.abort()
            raise ValueError("too many requests wait on one connection")
        self._is_head = False
        self._arrives_by = self.loop.time() + self.limits.body_timeout_s
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrives_by = None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal or Problem(INVALID_REQUEST, "this is no request that HTTP/1.1 knows"))

    def sweep(self, now: float) -> None:
        """Cuts off a client that takes too long: to say what it wants, or to read what it asked for."""
        if self.is_unread(now):
            self.transport.abort()
        elif self._arrives_by is not None and self._arrives_by < now:
            if self.transport.is_closing():
                self.transport.abort()
            else:
                self._refuse(Problem(TOO_SLOW, "the request took too long to arrive"))

    @property
    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, whatever uvicorn says of it
        return cycle is not None and not cycle.response_complete

    @property
    def _most_bytes(self) -> int:
        """Of a message that is not complete. A body in tiny chunks takes several times its own size."""
        return self.limits.header_bytes + (0 if self._is_head else 8 * self.limits.body_bytes)

    def _refuse(self, problem: Problem) -> None:
        """Straight onto the connection, which ends with it. An answer that has begun is cut off."""
        if self.transport.is_closing():
            return
        if self._is_answering and self.cycle.response_started:
            self.transport.abort()
            return
        body = problem_bytes(problem)
        head = f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[problem.kind.status] + head.encode() + body)
        self.transport.close()


def _too_long_head() -> Problem:
    return Problem(TOO_LONG_HEAD, "the address and the headers are larger than this server takes")
