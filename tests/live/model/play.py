"""One sequence of operations on a real folder, under a watcher that may fail, held against the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final, Self

import pytest

from agentconf.errors import UnknownEnvironment
from agentconf.live import follow, patience
from agentconf.live.content import looks_torn
from agentconf.live.follow import Follower
from agentconf.live.last_good import LastGood
from agentconf.live.load import load
from agentconf.live.patience import MASS_AGENTS
from agentconf.live.reload import Reloader
from agentconf.live.watch import Watch
from agentconf.source import layout
from agentconf.source.folder import shown_path
from agentconf.source.layout import Kind, Place
from tests.live.model import bells
from tests.live.model.gardener import Gardener, Ground
from tests.live.model.grace import STEP, PatienceBetweenSteps
from tests.live.model.likeness import differences
from tests.live.model.oracle import Cold, Oracle, cold
from tests.live.model.readers import History, Reader
from tests.live.model.stamps import stamped, unstamped
from tests.live.model.trees import ENVIRONMENT, Files, Step, after
from tests.live.model.worlds import WORLDS, Plain, World
from tests.live.support import wait_for

DEADLINE_S: Final = 10.0
"""Many times what the slowest sweep takes: a machine that is busy fails nothing."""

_RETRIES_S: Final = (0.005, 0.01, 0.02)
_GRACE_S: Final = 0.03
_STEPS: Final = 8


class Wrong(AssertionError):
    """What was served is not what the oracle says; the message holds the operations that led there."""


@dataclass(frozen=True, slots=True)
class Case:
    """What one sequence is made of: everything follows from it, but for how the threads run."""

    seed: int
    bell: str
    world: str

    def __str__(self) -> str:
        return f"{self.seed}-{self.world}-{self.bell}"

    @classmethod
    def of(cls, seed: int) -> Self:
        """Every bell in every world, one after the other."""
        kinds, worlds = list(bells.KINDS), list(WORLDS)
        return cls(seed, kinds[seed % len(kinds)], worlds[seed // len(kinds) % len(worlds)])


def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in service is waited for in a test, too, but not as long."""
    monkeypatch.setattr(patience, "RETRIES_S", _RETRIES_S)
    monkeypatch.setattr(follow, "RETRIES_S", _RETRIES_S)
    monkeypatch.setattr(patience, "GRACE_S", _GRACE_S)
    monkeypatch.setattr(follow, "Patience", PatienceBetweenSteps)


def play(case: Case, base: Path) -> None:
    """Raises Wrong where the sequence of a case goes wrong."""
    game = Game(case, base)
    try:
        game.run()
    except (Exception, pytest.fail.Exception) as error:
        said = "\n".join(f"  {line}" for line in game.said)
        raise Wrong(f"{case}:\n{said}\n{type(error).__name__}: {error}") from error


class Game:
    """A world, a watch, an oracle, and what is done to them."""

    def __init__(self, case: Case, base: Path) -> None:
        self.random = Random(case.seed)
        self.kind = bells.KINDS[case.bell]
        self.world: World = WORLDS[case.world](base / "world", self.random)
        self.environment = None if self.world.is_flat else ENVIRONMENT
        self.gardener = Gardener(self.random, Ground(is_flat=self.world.is_flat, is_plain=self.world.is_atomic))
        self.oracle = Oracle(self.environment)
        self.history = History()
        self.said: list[str] = []
        self._kept = base / "kept"
        self._revision = 0
        self._is_settled = True

    # -- from the first to the last

    def run(self) -> None:
        self._begin()
        steps = self._steps()
        for _ in range(self.random.randint(1, 2)):  # the second time, after a restart
            if not self.oracle.agents:
                return  # nothing to serve, and no reason to start
            with self._watch() as watch:
                self._wait(watch)
                for step in steps:
                    self._turn(watch, step)
                    if self.random.random() < 0.1:
                        self._hide(watch)
                    if self.random.random() < 0.1 and self.world.is_atomic:
                        self._lose_most(watch)
                    if self.random.random() < 0.1:
                        break
                self._wait(watch)

    def _begin(self) -> None:
        """Something must be valid, or there is nothing to serve."""
        step = self.gardener.first()
        while not cold(after({}, step), self.environment).snapshot:
            self.gardener.files = {}
            step = self.gardener.first()
        files = self._next(step)
        self.world.begin(files)
        self._see(self._plan(files))
        self.said.append(str(Step("begin", files)))

    def _steps(self) -> Iterator[Step]:
        for _ in range(_STEPS):
            step = self.gardener.next()
            yield from [step] if self.world.is_atomic or step.what == "move" else singly(step)

    @contextmanager
    def _watch(self) -> Iterator[Watch]:
        timing = self.kind.timing(_pause(self.world))
        make_bell = bells.maker(self.kind, self.random)
        root, keeper = str(self.world.root), LastGood(self._kept)
        watch = Watch(Follower(root, Reloader(self.environment), keeper, timing, make_bell))
        self.said.append("watch")
        with ExitStack() as stack:
            stack.callback(watch.close)
            watch.start()
            readers = [stack.enter_context(Reader(watch)) for _ in range(2)]
            yield watch
        for reader in readers:
            self.history.check(reader.seen, is_atomic=self.world.is_atomic)

    # -- one step

    def _turn(self, watch: Watch, step: Step) -> None:
        """What is bad for a moment may never be seen: it is waited for before and behind each such step."""
        is_doubtful = _is_doubtful(self.world.files, after(self.world.files, step))
        if self.world.is_atomic and step.what == "commit" and is_doubtful:
            for one in singly(step):
                self._turn(watch, replace(one, what="part"))
            return
        before, files = self._plan(self.world.files), self._next(step)
        tree = self._plan(files)
        is_calm = _is_calm(before, tree)
        if not is_calm:
            self._wait(watch)
        paths = files.keys() | self.world.files.keys()
        edits = {path: files.get(path) for path in paths} if self.world.is_atomic else step.edits
        how = self._do(Step(step.what, edits))
        self.said.append(f"{step} {how}")
        self._see(tree)
        if not is_calm or self.random.random() < 0.5:
            self._wait(watch)

    def _hide(self, watch: Watch) -> None:
        """The whole folder is gone for a while: what was served is served on, and called old."""
        self._wait(watch)
        self.said.append("hide, show")
        before = dict(watch.snapshot)
        self.world.hide()
        wait_for(lambda: watch.status.state == "stale", "the word that the folder is gone", DEADLINE_S)
        assert dict(watch.snapshot) == before, "agents changed when the folder was gone"
        self.world.show()
        self._is_settled = False
        self._wait(watch)

    def _lose_most(self, watch: Watch) -> None:
        """Most agents are gone at once: they are served until they are back, or it was meant."""
        names = sorted({_id(path) for path in self.world.files if _is_agent(path)})
        if len(names) <= MASS_AGENTS:
            return
        lost = tuple(sorted(self.random.sample(names, max(MASS_AGENTS, len(names) // 2 + 1))))
        self._wait(watch)
        self.said.append(f"lose {lost}")
        there, before = self.world.files, dict(watch.snapshot)
        left = {path: content for path, content in there.items() if not (_is_agent(path) and _id(path) in lost)}
        self._change(left)
        wait_for(lambda: watch.status.missing == lost, "the word that they are gone", DEADLINE_S)
        assert dict(watch.snapshot).items() >= {name: before[name] for name in lost if name in before}.items()
        if self.random.random() < 0.5:
            self.said.append("find them")
            self._change(there)
        else:
            self.said.append("accept")
            assert watch.accept_deletes() == lost, "what was accepted"
            self.gardener.files = unstamped(left)
            self._see(self._plan(left))
        self._is_settled = False
        self._wait(watch)

    def _change(self, files: Files) -> None:
        """Make the folder hold these files, without a word to the oracle."""
        paths = files.keys() | self.world.files.keys()
        self._do(Step("change", {path: files.get(path) for path in paths}))

    def _do(self, step: Step) -> str:
        with STEP.made():
            return self.world.do(step)

    def _next(self, step: Step) -> Files:
        """The tree after a step. Where it is changed at once, every file of it says which tree it is of."""
        before, files = self.world.files, after(self.world.files, step)
        if not self.world.is_atomic or (before and _is_doubtful(before, files)):
            return files
        self._revision += 1
        return stamped(files, self._revision)

    def _plan(self, files: Files) -> Cold:
        return cold(files, self.environment, shown_path(str(self.world.root)))

    def _see(self, tree: Cold) -> None:
        self.history.trees.setdefault(self._revision, []).append(tree)
        self.oracle.apply(tree)
        self._is_settled = False

    # -- what must come true

    def _wait(self, watch: Watch) -> None:
        if self._is_settled:
            return
        tree = self._load()
        self.said.append("wait")
        try:
            wait_for(lambda: not differences(watch, self.oracle, tree), "what the oracle says", DEADLINE_S)
        except pytest.fail.Exception:
            raise AssertionError("; ".join(differences(watch, self.oracle, tree))) from None
        self._is_settled = True

    def _load(self) -> Cold:
        """The folder, loaded from nothing by the public function."""
        planned = self._plan(self.world.files)
        try:
            snapshot = load(self.world.root, environment=self.environment, strict=False)
        except UnknownEnvironment:
            snapshot = None
        digests = [one.digest if one is not None else None for one in (snapshot, planned.snapshot)]
        assert digests[0] == digests[1], "the folder does not hold what the test meant to write"
        return replace(planned, snapshot=snapshot)


def singly(step: Step) -> Iterator[Step]:
    for path, content in step.edits.items():
        yield Step(step.what, {path: content})


def _pause(world: World) -> float:
    """How long a watcher that tells of everything is relied upon alone. Of new folders no watcher tells everything."""
    return 30.0 if isinstance(world, Plain) else 1.0


def _is_agent(path: str) -> bool:
    place = layout.place(path)
    return isinstance(place, Place) and place.kind is Kind.AGENT


def _id(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _is_doubtful(before: Files, now: Files) -> bool:
    """Whether a file is gone, or looks half written: for a while, what it said before stands beside what others say.

    Then nothing else may change at once, or the two would be of different trees.
    """
    torn = [path for path, content in now.items() if before.get(path) != content and looks_torn(path, content)]
    return bool(torn) or not before.keys() <= now.keys()


def _is_calm(before: Cold, now: Cold) -> bool:
    """Whether nothing is bad or gone: then it does not matter which trees on the way were seen."""
    if before.snapshot is None or now.snapshot is None or before.refused or now.refused:
        return False
    return not _is_doubtful(before.files, now.files)
