"""How often a client may ask: so many times a second on average, and a second's worth at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_MOST_CLIENTS: Final = 10_000
"""How many clients are remembered. More at a time begin anew, so that memory is bounded."""


class Rates:
    """A bucket for each client, of `per_s` requests, that fills within a second; 0 is no limit."""

    def __init__(self, per_s: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._clock = clock
        self._buckets: dict[str, list[float]] = {}

    def wait_s(self, client: str) -> float:
        """How long the client should wait before it asks; 0 where it may now, which is counted."""
        if not self._per_s:
            return 0.0
        now = self._clock()
        bucket = self._buckets.get(client)
        if bucket is None:
            bucket = self._new(client, now)
        left = min(self._per_s, bucket[0] + (now - bucket[1]) * self._per_s)
        bucket[1] = now
        if left < 1:
            bucket[0] = left
            return (1 - left) / self._per_s
        bucket[0] = left - 1
        return 0.0

    def _new(self, client: str, now: float) -> list[float]:
        if len(self._buckets) >= _MOST_CLIENTS:
            # whose last request is a second ago has a full bucket, as a new one is
            recent = {name: bucket for name, bucket in self._buckets.items() if now - bucket[1] < 1}
            self._buckets = recent if len(recent) < _MOST_CLIENTS else {}
        bucket = self._buckets[client] = [float(self._per_s), now]
        return bucket
