"""A WebSocket's connection, within bounds: a client that does not read what it is sent is cut off."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from agentconf.server.unread import Unread


class BoundedSocket(Unread, WebSocketsSansIOProtocol):
    """Closed in good order it would wait for the client to read what is left, and so for ever."""

    async def send(self, message: Any) -> None:
        """As uvicorn's, which takes a refusal for a mistake of the application's, and would log each as an error.

        A text that `is_followed` by another at once is written together with it.
        """
        if message.get("is_followed") and self.conn.state.name == "OPEN":
            self.conn.send_text(message["text"].encode())  # uvicorn writes all that `conn` holds with the next
            return
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def sweep(self, now: float) -> None:
        """Called about once a second."""
        if self.is_unread(now):
            self.transport.abort()
