"""What a server is asked to do, and one process that does it."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from agentconf.live.followed import USERS_CACHE
from agentconf.live.reload import Mode
from agentconf.live.watch import Watch, watch
from agentconf.server.app import create_app
from agentconf.server.guard.access_log import AccessLog
from agentconf.server.options import Options
from agentconf.server.run import GRACE_S, Tls, run
from agentconf.server.serving import Serving
from agentconf.server.writing.writer import take_up

_log = logging.getLogger("agentconf.server")


@dataclass(frozen=True, slots=True)
class Order:
    """What to serve, and how. `last_good` is a folder, "" for the one in the user's cache folder, None for none."""

    path: str
    environment: str | None = None
    mode: Mode = "per-agent"
    last_good: str | None = ""
    options: Options = field(default_factory=Options)
    tls: Tls | None = None
    grace_s: int = GRACE_S


def serve(order: Order, listening: socket.socket, begun: Callable[[Watch], None] = lambda conf: None) -> int | None:
    """Follow the tree and answer until asked to end; the signal that asked. `begun` is told the watch.

    Raises InvalidConfig, UnknownEnvironment and SourceUnavailable where there is nothing to serve.
    """
    why = take_up(order.path, order.options.writes)  # before the watch, which waits for a lock that a writer has left
    if why is not None:
        _log.warning("writes will be refused: %s", why)
    kept = USERS_CACHE if order.last_good == "" else order.last_good
    with watch(order.path, environment=order.environment, mode=order.mode, last_good=kept) as conf:
        app = create_app(Serving(conf, order.path), order.options, AccessLog(sys.stdout))
        begun(conf)
        return run(app, listening, order.tls, order.grace_s)
