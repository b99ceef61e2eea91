"""A real server on loopback, in a thread, on a port of its own; stopped and started again at the same place."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agentconf.live.watch import Watch, watch
from agentconf.server.app import create_app
from agentconf.server.options import Limits, Options
from agentconf.server.push.hub import Hub, Pace
from agentconf.server.run import Server, bind, config_of
from agentconf.server.serving import Serving
from tests.live.support import owned, put, wait_for

UNLIMITED = Options(limits=Limits(requests_per_s=0))


def two_agents(folder: Path) -> Path:
    """A tree of two agents, `a` and `b`."""
    root = folder / "tree" / "agents.d"
    put(root, {"a.yaml": owned("first"), "b.yaml": owned("first")})
    return root


class Running:
    """`with Running(root) as server`: `server.url` answers, from a watch of its own."""

    def __init__(
        self,
        root: Path,
        *,
        environment: str | None = None,
        pace: Pace | None = None,
        options: Options = UNLIMITED,
        port: int = 0,
        last_good: Path | None = None,
    ) -> None:
        self._last_good = last_good
        self.root = root
        self.port = port
        self.watch: Watch
        self.app: Any = None
        self._environment = environment
        self._pace = pace
        self._options = options
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def hub(self) -> Hub:
        hub: Hub = self.app.state.hub
        return hub

    def start(self) -> Self:
        self.watch = watch(self.root, environment=self._environment, last_good=self._last_good)
        bound = bind("127.0.0.1", self.port)
        self.port = bound.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(bound,), name="test-server", daemon=True)
        self._thread.start()
        wait_for(lambda: self._server is not None and self._server.started, "the server")
        return self

    def stop(self) -> None:
        """As a server ends that is asked to."""
        server = self._server
        assert server is not None
        assert self._thread is not None
        server.should_exit = True
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()
        self.watch.close()
        self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if self._server is not None:
            self.stop()

    def _run(self, bound: socket.socket) -> None:
        asyncio.run(self._serve(bound))

    async def _serve(self, bound: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        serving = Serving(self.watch, str(self.root))
        self.app = create_app(serving, self._options)
        if self._pace is not None:
            self.app.state.pace = self._pace
        self._server = Server(config_of(self.app, self._options, grace_s=5), serving)
        with bound:
            await self._server.serve(sockets=[bound])
