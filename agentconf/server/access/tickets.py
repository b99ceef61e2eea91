"""Tickets: what a browser's EventSource and WebSocket send in their address, since they cannot send a token.

A ticket lets in once, within seconds, and to read alone: an address ends up in logs and histories.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
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
        now, ticket = self._clock(), secrets.token_urlsafe(32)
        while self._waiting and (len(self._waiting) >= MOST or next(iter(self._waiting.values()))[0] <= now):
            self._waiting.popitem(last=False)
        self._waiting[ticket] = (now + LIFETIME_S, _reader(caller.token))
        return ticket

    def redeem(self, ticket: str) -> Caller | None:
        """Whose ticket it is. It is used up by that; None where it was before, is too old, or is none."""
        ends, caller = self._waiting.pop(ticket, (0.0, None))
        return caller if ends > self._clock() else None


class SharedTickets:
    """The tickets of several processes: a file each, in a folder that is theirs alone. Who removes it may come in."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def issue(self, caller: Caller) -> str:
        """As `Tickets.issue`."""
        self._clear()
        ticket = secrets.token_urlsafe(32)
        with open(self._path(ticket), "x", encoding="utf-8") as file:
            file.write(caller.token or "")
        return ticket

    def redeem(self, ticket: str) -> Caller | None:
        """As `Tickets.redeem`."""
        path = self._path(ticket)
        try:
            with open(path, encoding="utf-8") as file:
                token, made = file.read(), os.fstat(file.fileno()).st_mtime
            os.unlink(path)
        except OSError:
            return None
        return _reader(token or None) if time.time() - made < LIFETIME_S else None

    def _path(self, ticket: str) -> str:
        return os.path.join(self._folder, hashlib.sha256(ticket.encode("utf-8", "replace")).hexdigest())

    def _clear(self) -> None:
        """What nobody used in time goes; beyond the bound, the oldest too."""
        with suppress(OSError):
            waiting = sorted((entry.stat().st_mtime, entry.path) for entry in os.scandir(self._folder))
            for number, (made, path) in enumerate(waiting):
                if time.time() - made >= LIFETIME_S or len(waiting) - number >= MOST:
                    os.unlink(path)


def _reader(token: str | None) -> Caller:
    return Caller(frozenset((Scope.READ,)), token)
