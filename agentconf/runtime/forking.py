"""What a process does with its files of SQLite when it forks: it lets go of them, and the child opens its own.

SQLite knows by memory which locks the process holds. A child has the memory and not the locks: it would write without
one, or wait for ever for one of its parent's to end (sqlite.org/howtocorrupt.html, section 2.6).
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final, Protocol


class Forking(Protocol):
    """What has connections. `born` is called in the child, in the place of `after_fork`."""

    def before_fork(self) -> None: ...

    def after_fork(self) -> None: ...

    def born(self) -> None: ...


_every: Final[weakref.WeakSet[Forking]] = weakref.WeakSet()
_lock = threading.Lock()
_forking: Final[list[Forking]] = []


def look_after(one: Forking) -> None:
    """Tells it whenever this process forks, for as long as somebody else has it."""
    with _lock:
        _every.add(one)


def _before_fork() -> None:
    _lock.acquire()
    _forking.extend(_every)
    for one in _forking:
        one.before_fork()


def _after_fork() -> None:
    for one in _forking:
        one.after_fork()
    _forking.clear()
    _lock.release()


def _born() -> None:
    for one in _forking:
        one.born()
    _forking.clear()
    _lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_born)
