"""The last generations: what each of them touched, so that a client is told what it missed, and nothing else.

A client is one number here, the generation that it has. However slow it is, nothing is kept for it: what it missed is
put together from the steps that everybody shares, and so it always gets the newest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from agentconf.live.change import Change, Version

KEPT: Final = 64
"""Generations; a client that is further behind gets everything."""

_PREFIX: Final = "sha256:"
_JOINED: Final[dict[tuple[str, str], str | None]] = {
    ("created", "changed"): "created",
    ("created", "deleted"): None,
    ("changed", "changed"): "changed",
    ("changed", "deleted"): "deleted",
    ("deleted", "created"): "changed",
}
"""What two things that happened to an agent, one after the other, are to somebody who saw neither."""


class Touched(NamedTuple):
    """The ids of agents, sorted. `every` are all whose digest is another, those too that are switched off all along."""

    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    every: tuple[str, ...] = ()

    @property
    def news(self) -> Iterator[tuple[str, str]]:
        """What happened, and to whom."""
        yield from (("created", name) for name in self.created)
        yield from (("changed", name) for name in self.changed)
        yield from (("deleted", name) for name in self.deleted)


def touched_by(change: Change) -> Touched:
    """What a change touches."""
    differing = change.before.digests.items() ^ change.after.digests.items()
    every = {name for name, _ in differing}.union(change.created, change.deleted)
    return Touched(change.created, tuple(change.changed), change.deleted, tuple(sorted(every)))


class History:
    """The generations of one run of the server, from the one with which it began."""

    def __init__(self, run: str, begun_with: Version, kept: int = KEPT) -> None:
        self.run = run
        self._kept = kept
        self._versions: deque[Version] = deque([begun_with])
        self._steps: deque[Touched] = deque()

    @property
    def newest(self) -> Version:
        return self._versions[-1]

    @property
    def mark(self) -> str:
        """The id of the newest generation, `RUN:GENERATION`."""
        return f"{self.run}:{self.newest.generation}"

    def add(self, change: Change) -> None:
        """One generation more."""
        self._versions.append(Version(change.generation, change.digest))
        self._steps.append(touched_by(change))
        while len(self._steps) > self._kept:
            self._steps.popleft()
            self._versions.popleft()

    def place_of(self, since: str) -> int | None:
        """The generation that is meant by `RUN:GENERATION` or by a digest; None where it is not known here (any more).

        A generation of another run is not known: only its digest says whether it is the same.
        """
        if since.startswith(_PREFIX):
            found = [version.generation for version in self._versions if version.digest == since]
            return found[-1] if found else None
        run, _, generation = since.rpartition(":")
        known = {str(version.generation): version.generation for version in self._versions}
        return known.get(generation) if run == self.run else None

    def reaches(self, generation: int) -> bool:
        """Whether it is known what was touched after a generation."""
        return generation >= self._versions[0].generation

    def lag_of(self, since: str) -> int | None:
        """How many generations lie between that one and the newest."""
        place = self.place_of(since)
        if place is None:
            return None
        return sum(version.generation > place for version in self._versions)

    def since(self, generation: int) -> Touched:
        """What was touched after a generation that is known here, as if it were one step."""
        after = [
            touched for version, touched in zip(list(self._versions)[1:], self._steps, strict=True)
            if version.generation > generation
        ]  # fmt: skip
        return after[0] if len(after) == 1 else _joined(after)


def _joined(steps: Iterable[Touched]) -> Touched:
    state: dict[str, str] = {}
    every: set[str] = set()
    for step in steps:
        every.update(step.every)
        for what, name in step.news:
            before = state.pop(name, None)
            now = _JOINED.get((before, what), what) if before is not None else what
            if now is not None:
                state[name] = now
    created, changed, deleted = (
        tuple(sorted(name for name in state if state[name] == what)) for what in ("created", "changed", "deleted")
    )
    return Touched(created, changed, deleted, tuple(sorted(every)))
