"""Tickets: what a browser's EventSource and WebSocket send in their address, since they cannot send a token.

A ticket lets in once, within seconds, and to read alone: an address ends up in logs and histories.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from agentconf.server.access.caller import Caller, Scope

LIFETIME_S: Final = 30
MOST: Final = 10_000
"""How many wait to be used before the oldest is dropped."""


class Tickets:
    """The tickets of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: OrderedDict[str, tuple[float, Caller]] = OrderedDict()

    def issue(self, caller: Caller) -> str:
        """A ticket for that caller. With it, they may read and no more."""
        now = self._clock()
        while self._waiting and (len(self._waiting) >= MOST or next(iter(self._waiting.values()))[0] <= now):
            self._waiting.popitem(last=False)
        ticket = secrets.token_urlsafe(32)
        reader = Caller(caller.scopes & {Scope.READ}, caller.token, caller.owner)
        self._waiting[ticket] = (now + LIFETIME_S, reader)
        return ticket

    def redeem(self, ticket: str) -> Caller | None:
        """Whose ticket it is. It is used up by that; None where it was before, is too old, or is none."""
        ends, caller = self._waiting.pop(ticket, (0.0, None))
        return caller if ends > self._clock() else None
