"""How long to wait before the next try: longer each time, and never all clients at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import SystemRandom

_random = SystemRandom()


@dataclass(slots=True)
class Pace:
    """In seconds. Each wait is drawn from nothing up to a bound, which doubles from `first` to `longest`."""

    first: float = 2.0
    longest: float = 30.0
    tries: int = field(default=0)

    def next(self) -> float:
        """The wait before the next try."""
        bound = min(self.longest, self.first * 2.0 ** min(self.tries, 30))
        self.tries += 1
        return _random.uniform(0, bound)

    def reset(self) -> None:
        """It went well."""
        self.tries = 0


def jittered(seconds: float) -> float:
    """About so long."""
    return _random.uniform(0.8, 1.2) * seconds


def within(seconds: float) -> float:
    """Any moment until then."""
    return _random.uniform(0, seconds)
