"""The file of counters: opened when it is needed, one transaction at a time, safe among processes and after a fork."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from agentconf.runtime import forking
from agentconf.runtime.limits.schema import Foreign, prepared
from agentconf.runtime.limits.store import Busy, StoreUnavailable
from agentconf.runtime.limits.trouble import HELD, is_busy, reason_of
from agentconf.source.private import NotPrivate
from agentconf.source.system import printable_path

T = TypeVar("T")

PATIENCE_S: Final = 5.0
_FIRST_PAUSE_S: Final = 0.000_05
_LONGEST_PAUSE_S: Final = 0.002
"""SQLite itself waits whole milliseconds, up to a hundred, for a lock that is held for a twentieth of one."""
_LOOK_EVERY_S: Final = 1.0
_of_parents: Final[list[sqlite3.Connection]] = []


class CountersFile:
    """`locate` says the path when it is first needed; `greet` is called with each new connection, in a transaction.

    The process has one connection: its threads take turns before they reach SQLite, where they would only wait.
    """

    def __init__(self, locate: Callable[[], str], greet: Callable[[sqlite3.Connection, str], None]) -> None:
        self.identity = ""
        self.patience_s = PATIENCE_S
        self._locate = locate
        self._greet = greet
        self._turn = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = os.getpid()
        self._inode: tuple[int, int] | None = None
        self._looked_at = 0.0
        self._is_held = False
        forking.look_after(self)

    @property
    def path(self) -> str:
        """Raises StoreUnavailable where this user has no folder for it."""
        try:
            return self._locate()
        except (NotPrivate, OSError, RuntimeError) as error:
            why = f"{error.filename}: {(error.strerror or '').lower()}" if isinstance(error, OSError) else str(error)
            raise StoreUnavailable(f"there is no place for them: {why}; set AGENTCONF_LIMITS_FILE") from None

    def run(self, work: Callable[[sqlite3.Connection], T], *, wait: bool) -> T:
        """The outcome of a piece of work, all of which is written, or nothing. Raises Busy and StoreUnavailable."""
        end = time.monotonic() + self.patience_s
        if not (self._turn.acquire(timeout=self.patience_s) if wait else self._turn.acquire(blocking=False)):
            if wait:
                raise self._unavailable(HELD)
            raise Busy
        try:
            return self._run(work, end if wait else None)
        except (sqlite3.Error, OSError, Foreign) as error:
            self._drop()
            raise self._unavailable(reason_of(error)) from None
        finally:
            self._turn.release()

    def close(self) -> None:
        with self._turn:
            self._drop()

    def _run(self, work: Callable[[sqlite3.Connection], T], end: float | None) -> T:
        connection = self._opened(end)
        _patiently(lambda: connection.execute("BEGIN IMMEDIATE"), end)
        try:
            outcome = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return outcome

    def _opened(self, end: float | None) -> sqlite3.Connection:
        if self._process != os.getpid():
            self._abandon()
        if self._connection is not None and self._is_replaced():
            self._drop()
        if self._connection is None:
            self._connection = _patiently(self._connect, end)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        path = self.path
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self.identity = prepared(connection)
            self._inode = _inode(path)
            self._looked_at = time.monotonic()
            connection.execute("BEGIN IMMEDIATE")
            self._greet(connection, path)
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _is_replaced(self) -> bool:
        """Whether somebody took the file away, or put another there: looked at now and then, since it costs a call."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_EVERY_S:
            return False
        self._looked_at = now
        return _inode(self.path) != self._inode

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _abandon(self) -> None:
        """A child that was forked unannounced must not even close its parent's connection."""
        if self._connection is not None:
            _of_parents.append(self._connection)
        self._connection = None
        self._process = os.getpid()

    def _unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(f"they are kept in '{printable_path(self.path)}', {reason}")

    def before_fork(self) -> None:
        """No transaction is under way, and no connection is handed down."""
        self._is_held = self._turn.acquire(timeout=self.patience_s)
        if self._is_held:
            self._drop()

    def after_fork(self) -> None:
        if self._is_held:
            self._is_held = False
            self._turn.release()

    def born(self) -> None:
        """This is the child."""
        self._is_held = False
        self._turn = threading.Lock()
        self._abandon()


def _inode(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _patiently(attempt: Callable[[], T], end: float | None) -> T:
    """Again and again while somebody else holds the file. Raises Busy at once where `end` is None."""
    pause = _FIRST_PAUSE_S
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or (end is not None and time.monotonic() > end):
                raise
            if end is None:
                raise Busy from None
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)
