"""Where the bell rings and the follower waits: what was rung for adds up until it is answered."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Rung:
    """What was rung for since the last answer: the paths that events name, or all; and when it began."""

    first_at: float
    paths: set[str] = field(default_factory=set)
    is_for_all: bool = False


class Doorbell:
    """Rung from any thread; answered by one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rung: Rung | None = None
        self.is_closed = False

    def ring(self, paths: frozenset[str] | None) -> None:
        """Something may have changed: at these paths, or anywhere (None)."""
        with self._changed:
            if self._rung is None:
                self._rung = Rung(time.monotonic())
            if paths is None:
                self._rung.is_for_all = True
            else:
                self._rung.paths |= paths
            self._changed.notify_all()

    def close(self) -> None:
        """End all waiting, for ever."""
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()

    def wait(self, timeout: float) -> Rung | None:
        """What was rung for, at once or within `timeout` seconds; None where nothing was."""
        with self._changed:
            self._changed.wait_for(lambda: self._rung or self.is_closed, timeout)
            rung, self._rung = self._rung, None
            return rung

    def collect(self, seconds: float) -> Rung | None:
        """What is rung for while waiting for that long in any case."""
        end = time.monotonic() + seconds
        with self._changed:
            while (left := end - time.monotonic()) > 0 and not self.is_closed:
                self._changed.wait(left)
            rung, self._rung = self._rung, None
            return rung
