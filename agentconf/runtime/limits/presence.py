"""Which processes are alive: each holds a lock on one byte of a file, and the kernel lets go of it when they die.

Unlike a process number, a lock is never another's, and it is seen from one container to the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from typing import Final


class Presence:
    """This process's bytes in the file at a path.

    Several stores of a process share one, since a process that closes such a file loses every lock that it has there.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.users = 0
        self._descriptor = -1
        self._mine: set[int] = set()
        self._process = os.getpid()

    def take(self, number: int) -> bool:
        """Hold a byte; whether it was free. Raises OSError."""
        self._know_this_process()
        if number in self._mine or not self._lock(number):
            return False
        self._mine.add(number)
        return True

    def give(self, number: int) -> None:
        self._know_this_process()
        if number in self._mine:
            self._mine.discard(number)
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, number)

    def holds(self, number: int) -> bool:
        """Whether this process holds a byte."""
        self._know_this_process()
        return number in self._mine

    def is_alive(self, number: int) -> bool:
        """Whether a living process holds a byte. Raises OSError."""
        self._know_this_process()
        if number in self._mine:
            return True
        if not self._lock(number):
            return True
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, number)
        return False

    def is_current(self) -> bool:
        """Whether others who open the path open the same file: somebody may have taken it away."""
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._descriptor))
        except OSError:
            return False

    def open(self) -> None:
        """Raises OSError."""
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        self._mine.clear()
        with contextlib.suppress(OSError):
            os.close(descriptor)

    def _lock(self, number: int) -> bool:
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except (BlockingIOError, PermissionError):  # either may say that it is another's
            return False
        return True

    def _know_this_process(self) -> None:
        """A child has its parent's file, and none of its locks."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._mine.clear()


_known: Final[dict[str, Presence]] = {}
_lock = threading.Lock()


def presence_at(path: str) -> Presence:
    """What this process has at a path; each that asks lets go of it with `leave_presence`. Raises OSError."""
    path = os.path.realpath(path)
    with _lock:
        known = _known.get(path)
        if known is None or not known.is_current():
            known = Presence(path)
            known.open()
            _known[path] = known
        known.users += 1
        return known


def leave_presence(presence: Presence) -> None:
    with _lock:
        presence.users -= 1
        if presence.users == 0:
            if _known.get(presence.path) is presence:
                del _known[presence.path]
            presence.close()


def _forget_the_parents_lock() -> None:
    global _lock  # noqa: PLW0603  # it may have been held by a thread that the child has not
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_the_parents_lock)
