"""Watchers that fail in every way that one can: each is a real one, of whose rings something is done wrong."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, TypeAlias

from agentconf.live.bell import FolderBell, Ring
from agentconf.live.listener import MakeBell
from agentconf.live.timing import Timing

Paths: TypeAlias = frozenset[str] | None

_TOGETHER: Final = 3
_LATE_S: Final = 0.1
_INVENTED_S: Final = 0.01
_PLACES: Final = (
    "", "a.yaml", "none.yaml", "team", "team/b.yaml", "no/such/c.yaml", "..", "../x", "\udcff.yaml", "p.md",
)  # fmt: skip


@dataclass(slots=True)
class Fault:
    """What becomes of a ring on its way; `ring` is the follower's own."""

    ring: Ring
    random: Random
    folder: str = ""
    is_over: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        """Called when listening begins."""

    def heard(self, paths: Paths) -> None:
        self.ring(paths)


class Deaf(Fault):
    """Every event is lost, from the first on."""

    def heard(self, paths: Paths) -> None: ...


class HalfDeaf(Fault):
    """Every other event is lost: whole rings, and paths of those that are told."""

    def heard(self, paths: Paths) -> None:
        if self.random.random() < 0.5:
            some = paths and frozenset(path for path in sorted(paths) if self.random.random() < 0.7)
            self.ring(some)


class Stutter(Fault):
    """Everything is told several times."""

    def heard(self, paths: Paths) -> None:
        for _ in range(self.random.randint(2, 4)):
            self.ring(paths)


class Shuffled(Fault):
    """Paths are told one by one, later ones before earlier ones; the last few not at all until more comes."""

    _waiting: list[Paths]

    def begin(self) -> None:
        self._waiting = []

    def heard(self, paths: Paths) -> None:
        self._waiting += [None] if paths is None else [frozenset({path}) for path in sorted(paths)]
        self.random.shuffle(self._waiting)
        while len(self._waiting) > _TOGETHER:
            self.ring(self._waiting.pop())


class Late(Fault):
    """Everything is told, long after it happened."""

    def heard(self, paths: Paths) -> None:
        later = threading.Timer(self.random.uniform(0, _LATE_S), self.ring, (paths,))
        later.daemon = True
        later.start()


class Liar(Fault):
    """Tells of what did not happen, too: of files that are not there, and of places that are none of its business."""

    def begin(self) -> None:
        threading.Thread(target=self._invent, name="test-liar", daemon=True).start()

    def _invent(self) -> None:
        while not self.is_over.wait(self.random.uniform(0, 2 * _INVENTED_S)):
            self.ring(self._invented())

    def _invented(self) -> Paths:
        paths = frozenset(os.path.join(self.folder, name) for name in self.random.sample(_PLACES, 2))
        return self.random.choice((paths, paths, frozenset(), frozenset({"/", "relative"}), None))


class Dying(Fault):
    """Works for a while, and then never again, without a word."""

    _left: int

    def begin(self) -> None:
        self._left = self.random.randint(0, 3)

    def heard(self, paths: Paths) -> None:
        if self._left:
            self._left -= 1
            self.ring(paths)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of watcher. `tells_all`: whether every change is told in the end, so that nothing need be swept."""

    fault: Callable[[Ring, Random], Fault]
    tells_all: bool

    def timing(self, sweep: float) -> Timing:
        """How long things may take; `sweep` seconds between looks unasked, where one can rely on being told."""
        pause = sweep if self.tells_all else _SWEEP_S
        return replace(_QUICK, sweep=pause)


_SWEEP_S: Final = 0.06
_QUICK: Final = Timing(settle=0.005, settle_limit=0.2, lock_limit=5.0, beat=0.02, blind_sweep=_SWEEP_S)

KINDS: Final = {
    "faithful": Kind(Fault, tells_all=True),
    "deaf": Kind(Deaf, tells_all=False),
    "half-deaf": Kind(HalfDeaf, tells_all=False),
    "stutter": Kind(Stutter, tells_all=True),
    "shuffled": Kind(Shuffled, tells_all=False),
    "late": Kind(Late, tells_all=True),
    "liar": Kind(Liar, tells_all=True),
    "dying": Kind(Dying, tells_all=False),
}


class FaultyBell(FolderBell):
    """The real bell, with a fault on the way to the follower."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.heard)
        self._fault = fault

    def start(self, folder: str) -> None:
        self._fault.folder = folder
        self._fault.begin()
        super().start(folder)

    def rearm(self, folder: str) -> None:
        self._fault.folder = folder
        super().rearm(folder)

    def stop(self) -> None:
        self._fault.is_over.set()
        super().stop()


def maker(kind: Kind, random: Random) -> MakeBell:
    """What a `Follower` makes its bell by."""
    return lambda ring: FaultyBell(kind.fault(ring, random))
