"""The push, as the client hears it: a WebSocket on which hints come in, and on which it says what it serves."""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from agentconf.remote.faults import Unreachable
from agentconf.remote.fetch import AGENT, Server
from agentconf.remote.reading import Hint, hint_of

_LONGEST_BYTES: Final = 16 << 10
_SHORT: Final = 48

_log = logging.getLogger("agentconf.remote.websocket")


class _Direct(ClientConnection):
    """Goes to the address that was given, and nowhere else: the library follows redirects."""

    def handshake(self, *said: Any, **more: Any) -> None:
        status = 0
        try:
            super().handshake(*said, **more)
        except InvalidStatus as error:
            status = error.response.status_code
        if status:
            raise Unreachable(f"the server answers {status} where changes are pushed")


class Line:
    """One connection, from the subscription on."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def subscribe(self, digest: str) -> None:
        """Ask for hints. The first comes at once, and says where the server stands. Raises Unreachable."""
        client = f"{socket.gethostname()[:_SHORT]}:{os.getpid()}"
        said = {"subscribe": "agent_config", "hints": True, "since": digest, "digest": digest, "client": client}
        self._say(said)

    def beat(self, digest: str) -> None:
        """Say what is served. Raises Unreachable."""
        self._say({"heartbeat": digest})

    def next(self, seconds: float) -> Hint | None:
        """The next hint; None where none comes within that time. Raises Unreachable and Unacceptable."""
        try:
            return hint_of(self._connection.recv(timeout=max(0.0, seconds)))
        except TimeoutError:
            return None
        except (OSError, EOFError, WebSocketException) as error:
            _fail(error)

    def close(self) -> None:
        """From any thread: whoever waits for a hint hears that there will be none."""
        self._connection.close()

    def _say(self, said: dict[str, Any]) -> None:
        try:
            self._connection.send(json.dumps(said))
        except (OSError, EOFError, WebSocketException) as error:
            _fail(error)


@contextmanager
def open_line(server: Server) -> Iterator[Line]:
    """A connection to where a server pushes changes. Raises Unreachable."""
    headers = {key: value for key, value in server.headers.items() if key != "user-agent"}
    try:
        connection = connect(
            server.address.websocket,
            additional_headers=headers,
            user_agent_header=AGENT,
            compression=None,  # hints are small, and a dictionary is not
            open_timeout=5,
            close_timeout=1,
            ping_interval=None,  # both sides say more than that they live
            max_size=_LONGEST_BYTES,
            create_connection=_Direct,
            logger=_log,
            ssl=server.tls,
            proxy=None if server.address.is_loopback else True,  # as by HTTP
        )
    except (OSError, EOFError, WebSocketException, ValueError) as error:
        _fail(error)
    with connection:
        yield Line(connection)


def _fail(error: Exception) -> NoReturn:
    is_late = isinstance(error, TimeoutError)
    said = "the server does not answer in time" if is_late else "the connection on which changes come is lost"
    raise Unreachable(said) from None
