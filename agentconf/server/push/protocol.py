"""A WebSocket's connection, within bounds: a client that does not read what it is sent is cut off."""

from __future__ import annotations

from typing import Any, ClassVar

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from agentconf.server.options import Limits


class BoundedSocket(WebSocketsSansIOProtocol):
    """Closed in good order it would wait for the client to read what is left, and so for ever."""

    limits: ClassVar[Limits] = Limits()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._read_by: float | None = None

    async def send(self, message: Any) -> None:
        """As uvicorn's, which takes a refusal for a mistake of the application's, and would log each as an error.

        A text that `is_followed` by another at once is written together with it.
        """
        if message.get("is_followed") and self.conn.state is State.OPEN:
            self.conn.send_text(message["text"].encode())  # uvicorn writes all that `conn` holds with the next
            return
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def pause_writing(self) -> None:
        self._read_by = self.loop.time() + self.limits.write_timeout_s
        super().pause_writing()

    def resume_writing(self) -> None:
        self._read_by = None
        super().resume_writing()

    def sweep(self, now: float) -> None:
        """Called about once a second."""
        if self._read_by is not None and self._read_by < now:
            self.transport.abort()


def bounded_socket(limits: Limits) -> type[BoundedSocket]:
    """The protocol with these limits."""
    return type("WebSocketProtocol", (BoundedSocket,), {"limits": limits})
