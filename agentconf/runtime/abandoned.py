"""Streams that were dropped without being closed or read to their end.

A finaliser may run in the middle of anything, such as a transaction of the very counters that it would settle. So it
only hands the stream on: a thread settles it, or whoever calls next.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from queue import SimpleQueue
from typing import Any, Final, Protocol

from agentconf.runtime.usage import endings

_log = logging.getLogger("agentconf.runtime")

_PATIENCE_S: Final = 1.0


class Settles(Protocol):
    """What tells a call that its stream has ended."""

    def tell(self, source: Any, error: BaseException | None = None) -> None: ...


class Abandoned:
    """One for a process. `add` is for finalisers: it takes no lock and waits for nothing."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """As new: so a forked process begins too, since the streams are its parent's."""
        self._waiting: deque[tuple[Settles, Any]] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None

    def expect(self) -> None:
        """There is a stream from now on, which may be dropped."""
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    thread = threading.Thread(target=self._run, name="agentconf-streams", daemon=True)
                    thread.start()
                    self._thread = thread

    def add(self, settlement: Settles, source: Any) -> None:
        self._waiting.append((settlement, source))
        self._bell.put(None)

    def settle(self) -> None:
        """Settle what was dropped, before something else is asked of the counters."""
        if not self._waiting or not self._lock.acquire(timeout=_PATIENCE_S):
            return
        try:
            while self._waiting:
                self._settle(self._waiting[0])
        finally:
            self._lock.release()

    def _settle(self, one: tuple[Settles, Any]) -> None:
        """It waits until it is settled: an alert's callback may call an agent, and so come here again."""
        settlement, source = one
        try:
            settlement.tell(source)
        except Exception:  # noqa: BLE001  # the others are to be settled all the same
            _log.exception("a stream that was dropped cannot be settled")
        if self._waiting and self._waiting[0] is one:
            self._waiting.popleft()

    def _run(self) -> None:
        while True:
            self._bell.get()
            self.settle()


ABANDONED: Final = Abandoned()

endings.before_records(ABANDONED.settle)
os.register_at_fork(after_in_child=ABANDONED.begin_anew)
