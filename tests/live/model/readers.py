"""Who reads what is served while it changes, and what must be true of everything that they saw."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Self

from agentconf.live.watch import Watch
from agentconf.snapshot.snapshot import Snapshot
from tests.live.model.oracle import Cold
from tests.live.model.stamps import said_by, stamps_of


class Reader(threading.Thread):
    """Reads what is served, all the time, and keeps each snapshot that it has not seen."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(name="test-reader", daemon=True)
        self.seen: list[Snapshot] = []
        self._watch = watch
        self._is_over = threading.Event()

    def run(self) -> None:
        while not self._is_over.wait(0.0005):
            snapshot = self._watch.snapshot
            if not self.seen or self.seen[-1] is not snapshot:
                self.seen.append(snapshot)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self.join(timeout=10)


@dataclass(slots=True)
class History:
    """What every tree of the sequence was, and which digest each generation had."""

    trees: dict[int, list[Cold]] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)

    def check(self, seen: list[Snapshot], *, is_atomic: bool) -> None:
        """Of what one reader saw: generations rise, a generation is one thing, and a snapshot is of one tree."""
        last = 0
        for snapshot in seen:
            assert snapshot.generation >= last, f"generation {snapshot.generation} after {last}"
            last = snapshot.generation
            known = self.digests.setdefault(last, snapshot.digest)
            assert known == snapshot.digest, f"generation {last} is {known} and {snapshot.digest}"
            if is_atomic:
                self._check_mix(snapshot)

    def _check_mix(self, snapshot: Snapshot) -> None:
        stamps = {name: stamps_of(agent) for name, agent in snapshot.items()}
        for name, found in stamps.items():
            said = said_by(snapshot[name])
            assert len(found) <= 1, f"generation {snapshot.generation}: {name} is made of several trees: {said}"
        newest = max((number for found in stamps.values() for number in found), default=0)
        for name, found in stamps.items():
            if found and found != {newest}:
                trees = [tree.snapshot for tree in self.trees[newest] if tree.snapshot is not None]
                is_bad_or_gone = any(name not in tree for tree in trees)
                assert is_bad_or_gone, f"generation {snapshot.generation}: {name} of {found} beside others of {newest}"
