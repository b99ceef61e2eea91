"""What a process that ends, or forks, does to the records that wait in it."""

from __future__ import annotations

import atexit
import os
import sys
import time
import weakref
from collections.abc import Callable
from typing import Any, Final, Protocol

AT_EXIT_S: Final = 5.0


class Waiting(Protocol):
    """What has records that wait."""

    def close(self, timeout: float = AT_EXIT_S) -> None: ...

    def begin_anew(self) -> None: ...


_every: Final[weakref.WeakSet[Any]] = weakref.WeakSet()
_before: Final[list[Callable[[], None]]] = []


def look_after(one: Waiting) -> None:
    """Closes it at the end of the process, and begins it anew in a process that is forked."""
    _every.add(one)


def close_in_worker(one: Waiting) -> None:
    """The same at the end of a worker of multiprocessing, which ends without atexit."""
    workers: Any = sys.modules.get("multiprocessing.util")
    processes: Any = sys.modules.get("multiprocessing.process")
    if workers is not None and processes is not None and processes.parent_process() is not None:
        workers.Finalize(one, one.close, exitpriority=0)


def before_records(step: Callable[[], None]) -> None:
    """Has a step taken at the end of the process, before records are closed."""
    _before.append(step)


def _close_all() -> None:
    """All together have the time of one."""
    ends_at = time.monotonic() + AT_EXIT_S
    for step in _before:
        step()
    for one in tuple(_every):
        one.close(max(ends_at - time.monotonic(), 0.0))


def _begin_anew() -> None:
    for one in tuple(_every):
        one.begin_anew()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
