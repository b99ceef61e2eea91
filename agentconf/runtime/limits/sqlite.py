"""Counters in one SQLite file, shared by the processes of a machine. It survives them: budgets are not reset."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping
from typing import Final

from agentconf.runtime.limits import accounts, rates
from agentconf.runtime.limits.file import CountersFile
from agentconf.runtime.limits.ledger import Ledger
from agentconf.runtime.limits.periods import periods_at
from agentconf.runtime.limits.presence import Presence, leave_presence, presence_at
from agentconf.runtime.limits.store import Bounds, Claim, Hold, Spending, Used, Verdict
from agentconf.runtime.state import state_folder

FILE_VARIABLE: Final = "AGENTCONF_LIMITS_FILE"
_FILE: Final = "limits.sqlite3"
_ALIVE: Final = "-alive"
_TIDY_EVERY_S: Final = 30.0
_IDLE_S: Final = 70 * 24 * 3600
"""An agent that nobody called for so long has nothing in its month any more."""


class SQLiteLimits:
    """`path` None: AGENTCONF_LIMITS_FILE, else `limits.sqlite3` in the user's state folder.

    Safe among threads and processes, and after a fork. Nothing is opened before it is needed, and what cannot be
    opened is tried again with each call. Raises StoreUnavailable, and Busy where it is told not to wait.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = None if path is None else os.path.abspath(path)
        self._file = CountersFile(self._located, self._greet)
        self._presence: Presence | None = None
        self._holder = 0
        self._ledger: Ledger | None = None
        self._tidied_at = 0.0

    def enter(self, claim: Claim, *, wait: bool) -> Verdict:
        return self._file.run(lambda connection: self._opened(connection, claim.now).enter(claim), wait=wait)

    def exchange(self, hold: Hold, used: Used, claim: Claim, *, wait: bool) -> Verdict:
        return self._file.run(
            lambda connection: self._opened(connection, claim.now).exchange(hold, used, claim), wait=wait
        )

    def leave(self, hold: Hold, used: Used, bounds: Bounds, *, wait: bool) -> Verdict:
        return self._file.run(lambda connection: self._opened(connection).leave(hold, used, bounds), wait=wait)

    def spent(self, tree: str, environment: str | None, now: float | None = None) -> Mapping[str, Spending]:
        """US dollars by agent; what a dead process had reserved is spent. Makes no file where there is none."""
        if not os.path.exists(self._file.path):
            return {}
        periods = periods_at(time.time() if now is None else now)

        def work(connection: sqlite3.Connection) -> Mapping[str, Spending]:
            self._bury(connection)
            return accounts.report(connection, tree, environment or "", periods)

        return self._file.run(work, wait=True)

    def close(self) -> None:
        self._file.close()
        self._leave()

    def _located(self) -> str:
        if self._path is None:
            said = os.environ.get(FILE_VARIABLE)
            self._path = os.path.abspath(said) if said else os.path.join(state_folder(), _FILE)
        return self._path

    def _opened(self, connection: sqlite3.Connection, now: float | None = None) -> Ledger:
        """What `_greet` made for this connection. `now` is a chance to tidy up."""
        assert self._ledger is not None
        if now is not None and time.monotonic() - self._tidied_at > _TIDY_EVERY_S:
            self._tidied_at = time.monotonic()
            self._bury(connection)
            rates.forget(connection, now)
            accounts.forget(connection, now - _IDLE_S)
        return self._ledger

    def _greet(self, connection: sqlite3.Connection, path: str) -> None:
        """Take a place among the holders: the one from before where this is the same file and the same process."""
        if self._presence is not None and not self._presence.is_current():
            self._leave()
        if self._presence is None:
            self._presence = presence_at(path + _ALIVE)
        identity = self._file.identity
        is_mine = self._ledger is not None and self._ledger.name == f"{identity}/{self._holder}"
        if not (is_mine and self._presence.holds(self._holder)):
            self._presence.give(self._holder)
            self._holder = _placed(connection, self._presence)
        self._ledger = Ledger(connection, identity, self._holder, self._bury)
        self._tidied_at = 0.0

    def _leave(self) -> None:
        presence, self._presence = self._presence, None
        if presence is not None:
            presence.give(self._holder)
            leave_presence(presence)

    def _bury(self, connection: sqlite3.Connection) -> bool:
        """Free the slots of processes that have died; what they had reserved stays taken."""
        assert self._presence is not None
        holders = [number for (number,) in connection.execute("SELECT id FROM holders")]
        dead = [number for number in holders if not self._presence.is_alive(number)]
        for number in dead:
            connection.execute("DELETE FROM passages WHERE holder = ?", (number,))
            connection.execute("DELETE FROM holders WHERE id = ?", (number,))
        return bool(dead)


def _placed(connection: sqlite3.Connection, presence: Presence) -> int:
    """A number of this process's own, which nobody sees before its lock is held."""
    while True:
        number = connection.execute("INSERT INTO holders DEFAULT VALUES").lastrowid or 0
        if presence.take(number):
            return number
