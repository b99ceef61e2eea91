"""A grace that begins when a step is done: a machine that is busy may stop a step in its midst for longer than that.

In service the grace is 33 times as long as here. What is gone for all of it is deleted, and rightly so; but then the
oracle, which sees whole steps, would have to know how long the scheduler took.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from agentconf.live.patience import Patience, Sifted, Sighting


@dataclass(slots=True)
class Step:
    """The step that is being made, or was made last; one at a time in a process. Times are of the monotonic clock."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_under_way: bool = False
    _ended_at: float = 0.0

    @contextmanager
    def made(self) -> Iterator[None]:
        """While a step is made."""
        with self._lock:
            self._is_under_way = True
        try:
            yield
        finally:
            with self._lock:
                self._is_under_way, self._ended_at = False, time.monotonic()

    def grace_begins(self, now: float) -> float:
        """The earliest moment at which the grace of what is gone may begin, for a look that began now."""
        with self._lock:
            return now if self._is_under_way else self._ended_at


STEP: Final = Step()


class PatienceBetweenSteps(Patience):
    """The same patience, but nothing is given up for what a look saw in the midst of a step."""

    __slots__ = ()

    def sift(self, seen: Sighting) -> Sifted:
        earliest = STEP.grace_begins(seen.now)
        self._gone_since = {path: max(since, earliest) for path, since in self._gone_since.items()}
        return super().sift(seen)
