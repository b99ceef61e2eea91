"""The law of reloading: tree after tree, a `Reloader` serves what the oracle says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random

from agentconf.live.content import only_bytes
from agentconf.live.kept import Bytes, Kept, decoded, encoded
from agentconf.live.reload import Mode, Outcome, Reloader
from agentconf.source import layout
from tests.live.model.gardener import Gardener
from tests.live.model.oracle import Cold, Oracle, cold, tree_from, unread
from tests.live.model.trees import ENVIRONMENT, Files, Step, after

RESTART = "restart"


class Wrong(AssertionError):
    """What is served is not what the oracle says; `details` of the smallest sequence are in the message."""


class Run:
    """One sequence, step by step, through a reloader and past an oracle."""

    def __init__(self, environment: str | None, mode: Mode) -> None:
        self.environment, self.mode = environment, mode
        self.reloader = Reloader(environment, mode)
        self.oracle = Oracle(environment, mode == "transactional")
        self.files: Files = {}
        self.kept: Kept | None = None
        self.kept_files: Files = {}
        self.digests: dict[int, str] = {}
        self.outcome: Outcome | None = None

    def step(self, step: Step) -> None:
        if step.what == RESTART:
            self._restart()
            return
        before, self.files = self.files, after(self.files, step)
        self._apply(_differing(before, self.files))

    def _apply(self, changed: Iterable[str]) -> None:
        tree = cold(self.files, self.environment)
        is_applied = self.oracle.apply(tree)
        outcome = self.reloader.apply(tree_from(self.files), frozenset(changed))
        self.outcome = outcome
        _same("whether anything is applied", outcome.snapshot is not None, is_applied)
        if outcome.snapshot is not None:
            self._check(outcome, tree)
            self._keep(outcome)

    def _check(self, outcome: Outcome, tree: Cold) -> None:
        snapshot, oracle = outcome.snapshot, self.oracle
        assert snapshot is not None
        assert tree.snapshot is not None
        _same("the agents", set(snapshot), set(oracle.agents))
        for name, agent in oracle.agents.items():
            _same(f"the agent {name}", snapshot[name], agent)
        _same("the digests", dict(snapshot.digests), oracle.digests)
        _same("the digest", snapshot.digest, oracle.digest)
        _same("what is refused", set(outcome.quarantined), set(tree.refused))
        _same("the digest attempted", outcome.attempted or snapshot.digest, tree.snapshot.digest)
        found = {one for one in snapshot.diagnostics if one.is_error}
        # of what keeps its last good, what was found in that is told as well
        _same("the errors", {one for one in found if one in tree.errors or one.agent not in tree.refused}, tree.errors)
        if not tree.refused:
            _same("the findings", snapshot.diagnostics, tree.snapshot.diagnostics)
            _same("what is held", list(self.reloader.held()), [])
        known = self.digests.setdefault(snapshot.generation, snapshot.digest)
        _same(f"generation {snapshot.generation}", snapshot.digest, known)
        if snapshot.generation != max(self.digests):
            raise Wrong("a generation that fell")
        self._check_explanations(outcome)

    def _check_explanations(self, outcome: Outcome) -> None:
        """What is explained of an agent that keeps its last good is what is served of it."""
        assert outcome.snapshot is not None
        for name in outcome.quarantined.keys() & outcome.snapshot.keys():
            owner = outcome.snapshot[name].owner
            if owner is not None:
                _same(f"the explanation of {name}", outcome.snapshot.explain(name, "owner").value, owner)

    def _keep(self, outcome: Outcome) -> None:
        assert outcome.snapshot is not None
        config = {path: content for path, content in self.files.items() if layout.place(path) is not None}
        whole = Bytes(only_bytes(config), only_bytes(dict(self.files)))
        held = tuple(self.reloader.held())
        self.kept_files = self.files
        self.kept = decoded(b"".join(encoded(Kept(outcome.snapshot.digest, outcome.snapshot.generation, whole, held))))

    def _restart(self) -> None:
        """As `Follower` does it: what was kept first, then what lies there.

        What cannot be read is kept by the follower, not by the reloader.
        """
        trees = (self.files, self.kept_files, *(one.files for one in self.oracle.served.values()))
        if self.kept is None or any(map(unread, trees)):
            return
        kept, self.reloader = self.kept, Reloader(self.environment, self.mode)
        for agents, held in kept.held:
            self.reloader.hold(agents, tree_from({**held.prompts, **held.files}))
        self.reloader.resume(kept.generation, kept.digest)
        files: Files = {**kept.tree.prompts, **kept.tree.files}
        self.reloader.apply(tree_from(dict(sorted(files.items()))), ())
        self._apply(_differing(files, self.files))


def _differing(before: Files, now: Files) -> set[str]:
    return {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Wrong(f"{what}:\n  found    {found!r}\n  expected {expected!r}")


def steps_of(seed: int, count: int) -> list[Step]:
    """The sequence of a seed."""
    random = Random(seed)
    made: list[Step] = []
    for step in Gardener(random).steps(count):
        made.append(step)
        if random.random() < 0.08:
            made.append(Step(RESTART))
    return made


def failure_of(steps: Sequence[Step], environment: str | None, mode: Mode) -> str | None:
    """How a sequence goes wrong; None where it does not."""
    run = Run(environment, mode)
    try:
        for step in steps:
            run.step(step)
    except Exception as error:  # noqa: BLE001  # a crash is as wrong as a wrong value
        return f"{type(error).__name__}: {error}"
    return None


def check(seed: int, count: int, environment: str | None = ENVIRONMENT, mode: Mode = "per-agent") -> None:
    """Raises Wrong with the smallest sequence that goes wrong."""
    steps = steps_of(seed, count)
    if failure_of(steps, environment, mode) is None:
        return
    small = smallest(steps, lambda some: failure_of(some, environment, mode) is not None)
    said = "\n".join(f"  {step}" for step in small)
    raise Wrong(f"seed {seed}, {environment}, {mode}:\n{said}\n{failure_of(small, environment, mode)}")


def smallest(steps: Sequence[Step], is_wrong: Callable[[Sequence[Step]], bool]) -> list[Step]:
    """The sequence without all that can be left out, steps and edits, while it still goes wrong."""
    small = list(steps)
    has_shrunk = True
    while has_shrunk:
        has_shrunk = False
        for candidate in _shorter(small):
            if is_wrong(candidate):
                small, has_shrunk = candidate, True
                break
    return small


def _shorter(steps: list[Step]) -> Iterable[list[Step]]:
    for size in (8, 4, 2, 1):
        for start in range(0, len(steps), size):
            yield steps[:start] + steps[start + size :]
    for index, step in enumerate(steps):
        for path in step.edits if len(step.edits) > 1 else ():
            fewer = Step(step.what, {one: content for one, content in step.edits.items() if one != path})
            yield [*steps[:index], fewer, *steps[index + 1 :]]
