"""One request and its answer, on the way through the guard."""

from __future__ import annotations

from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send

from agentconf.server.problem import TOO_LARGE, Problem

# what is answered is data: no page is to embed it, and no browser to take it for anything else
_SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Exchange:
    """What is received and sent, counted and held within bounds. `status` is 0 until the answer begins."""

    __slots__ = ("_is_head", "_left", "_receive", "_send", "is_over", "sent_bytes", "status")

    def __init__(self, scope: Scope, receive: Receive, send: Send, body_bytes: int) -> None:
        self._receive = receive
        self._send = send
        self._is_head = scope.get("method") == "HEAD"
        self._left = body_bytes
        self.is_over = False
        self.status = 0
        self.sent_bytes = 0

    async def receive(self) -> Message:
        """The next of the request. A body beyond the limit ends as if the client had gone, and is answered with 413."""
        if self.is_over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.is_over = True
                await self._refuse_body()
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        """The next of the answer. To HEAD only its beginning is sent, and a stream is told that the client has gone."""
        kind = message["type"]
        if kind == "http.response.start":
            await self._start(message)
        elif not self.is_over:
            if kind == "http.response.body":
                self.sent_bytes += len(message.get("body", b""))
            elif kind == "websocket.http.response.start":
                self.status = message["status"]
            elif kind == "websocket.accept":
                self.status = 101
            await self._send(message)

    async def _start(self, message: Message) -> None:
        if self.is_over:
            return
        self.status = message["status"]
        await self._send({**message, "headers": [*message.get("headers", ()), *_SECURITY]})
        if self._is_head:
            await self._send({"type": "http.response.body", "body": b""})
            self.is_over = True

    async def _refuse_body(self) -> None:
        if self.status:
            return
        problem = too_large()
        self.status = problem.kind.status
        await problem.response({"type": "http"}, self._receive, self._send)


def too_large() -> Problem:
    return Problem(TOO_LARGE, "the body is larger than this server takes", headers={"connection": "close"})


def length_of(headers: dict[bytes, bytes]) -> int:
    """The length that a request says its body has; 0 where it does not say."""
    said: Any = headers.get(b"content-length", b"0")
    return int(said) if said.isdigit() and len(said) < 20 else 0  # the parser takes no longer ones either
