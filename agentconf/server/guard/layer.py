"""The one layer around all routes: pure ASGI, since it stands in the way of every request."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from agentconf.server.access.caller import CALLER
from agentconf.server.access.gate import Gate
from agentconf.server.options import Options


class Guard:
    """Tells who calls, and lets through what may pass."""

    def __init__(self, app: ASGIApp, gate: Gate, options: Options) -> None:
        self._app = app
        self._gate = gate
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            headers = dict(scope["headers"])
            scope[CALLER] = self._gate.caller(headers.get(b"authorization"))
        await self._app(scope, receive, send)
