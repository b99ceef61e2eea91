"""What the parts of a reload take: the look at the disk, and what comes between it and the swap.

usage: python -m benchmarks.probes.apply TREE CHANGES CASCADES

Prints milliseconds, by part. Each change is one turn of the loop of a watch, run here without its thread and without
events. A cascade is a change of the root default `metadata.generation`, which every agent has; `cold` is what
resolving, judging and sealing the same draft takes from nothing.
"""
# ruff: noqa: SLF001  # the parts are measured where they are

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from agentconf import pipeline
from agentconf.live.bell import SilentBell
from agentconf.live.disk import Disk
from agentconf.live.follow import Follower
from agentconf.live.load import seal
from agentconf.live.lookout import Lookout
from agentconf.live.reload import Reloader
from agentconf.live.store import Store
from benchmarks.probes.answers import say
from benchmarks.writes import Defaults, Yamls


@dataclass(slots=True)
class Clock:
    """When the last call of each part began and ended."""

    began: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)

    def watch(self, owner: type, name: str) -> None:
        """Note the time of each call of a method, from now on."""
        method: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(method)
        def clocked(*arguments: Any, **named: Any) -> Any:
            self.began[name] = time.perf_counter()
            try:
                return method(*arguments, **named)
            finally:
                self.ended[name] = time.perf_counter()

        setattr(owner, name, clocked)


class Parts:
    """A watch whose loop is turned by hand."""

    def __init__(self, tree: Path) -> None:
        self.clock = Clock()
        for owner, name in ((Disk, "look"), (Lookout, "settle"), (Store, "swap")):
            self.clock.watch(owner, name)
        self.reloader = Reloader("prod")
        self.follower = Follower(str(tree), self.reloader, None, make_bell=lambda _: SilentBell())
        self.follower.begin()
        self.taken: dict[str, list[float]] = {}

    def turn(self, look: str, apply: str, folders: set[str] | None) -> None:
        """Look, and serve what is new. The swap is the first that `Store.swap` does."""
        before = self.follower.store.snapshot
        self.follower._reload(folders, None)
        if self.follower.store.snapshot.generation == before.generation:
            raise SystemExit("a change was not served")
        self.note(look, self.clock.ended["look"] - self.clock.began["look"])
        self.note(apply, self.clock.began["swap"] - self.clock.ended["settle"])

    def note(self, name: str, seconds: float) -> None:
        self.taken.setdefault(name, []).append(seconds * 1_000)


def change_one(parts: Parts, yamls: Yamls, changes: int) -> None:
    random = Random(7)
    for number in range(changes):
        agent_id = random.choice(yamls.ids)
        yamls.prepared(agent_id, f"TRY-{number}")()
        folders = {yamls.folder_of(agent_id)} if number % 2 else None
        parts.turn("look at one folder" if folders else "look at all", "apply", folders)


def change_all(parts: Parts, defaults: Defaults, cascades: int) -> None:
    for number in range(cascades):
        defaults.write(number + 1)
        parts.turn("look at the root", "cascade", {""})
        draft = parts.reloader.draft
        if draft is None:
            raise SystemExit("there is no draft")
        start = time.perf_counter()
        with pipeline.bulk():
            snapshot = seal(draft, "prod")
        parts.note("cold", time.perf_counter() - start)
        del snapshot


if __name__ == "__main__":
    tree, changes, cascades = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    say("ready")
    parts = Parts(tree)
    change_one(parts, Yamls(tree), changes)
    change_all(parts, Defaults(tree), cascades)
    say(parts.taken)
