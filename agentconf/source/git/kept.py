"""A memory of bounded size that forgets what was not asked for the longest."""

from __future__ import annotations

from collections.abc import Collection
from typing import Generic, TypeVar

V = TypeVar("V")


class Kept(Generic[V]):
    """Values by id. Each has a weight; together they weigh at most `limit`, but for the newest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._values: dict[str, tuple[V, int]] = {}

    def __contains__(self, oid: str) -> bool:
        return oid in self._values

    def get(self, oid: str) -> V | None:
        found = self._values.pop(oid, None)
        if found is None:
            return None
        self._values[oid] = found  # a dict is in the order of putting: now it is the newest
        return found[0]

    def put(self, oid: str, value: V, weight: int) -> None:
        self._weight += weight - self._values.pop(oid, (value, 0))[1]
        self._values[oid] = (value, weight)
        while self._weight > self._limit and len(self._values) > 1:
            self._weight -= self._values.pop(next(iter(self._values)))[1]

    def keep(self, oids: Collection[str]) -> None:
        """Forget all but these."""
        for oid in [oid for oid in self._values if oid not in oids]:
            self._weight -= self._values.pop(oid)[1]
