"""Providers that keep failing are left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Place: TypeAlias = tuple[str, ...]
"""What fails: a connection, or one model of it."""

DEFAULT_FAILURES: Final = 3
DEFAULT_SECONDS: Final = 30.0


@dataclass(slots=True)
class Cooling:
    """After so many failures in a row, a place is passed over for so many seconds; then one call tries it again.

    Safe among threads without a lock: each step is one operation on a dict, and a lost count costs one call more.
    """

    failures: int = DEFAULT_FAILURES
    seconds: float = DEFAULT_SECONDS
    clock: Callable[[], float] = time.monotonic
    _counts: dict[Place, int] = field(default_factory=dict)
    _until: dict[Place, float] = field(default_factory=dict)

    def is_cooling(self, *places: Place) -> bool:
        if not self._until:
            return False
        now = self.clock()
        return any(self._until.get(place, 0.0) > now for place in places)

    def failed(self, place: Place) -> bool:
        """Count a failure. Whether the place cools down from now on."""
        count = self._counts.get(place, 0) + 1
        self._counts[place] = count
        if count < self.failures:
            return False
        self._until[place] = self.clock() + self.seconds
        return True

    def answered(self, *places: Place) -> None:
        """Forget the failures of what works again."""
        if self._counts:
            for place in places:
                self._counts.pop(place, None)
                self._until.pop(place, None)
