"""Many clients, each looked at all the time; in this process, or as a program of their own.

Every change of the tree writes the same number into every agent but `z`, in one step: a snapshot with two numbers is a
mixture of two generations. `z` is written badly now and then, and never served so.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agentconf.remote import follow, line
from agentconf.remote.address import address_of
from agentconf.remote.connection import Connection, Place, Ways, connected
from agentconf.remote.follow import Rhythm
from agentconf.snapshot.digest import tree_digest
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.publish import publish_tree

AGENTS = 12
RHYTHM = Rhythm(beat=2.0, silence=10.0, poll=1.0, longest=4.0)


def tree_of(number: int, z: str = "") -> dict[str, str]:
    """The files of one state of the tree."""
    text = f"description: '{number}'\nllm: {{model: openai/gpt-4.1}}\n"
    agents = {f"agent-{index:02}.yaml": text for index in range(AGENTS)}
    return {**agents, "z.yaml": z or f"owner: good\n{text}", "_settings.yaml": "default_agent: z\n"}


def publish(root: Path, number: int, z: str = "") -> None:
    """The next state of the tree, in one step."""
    publish_tree(root, tree_of(number, z))


class Watcher:
    """One client, and what was ever wrong with what it served."""

    def __init__(self, conf: Connection) -> None:
        self.conf = conf
        self.wrong: list[str] = []
        self._seen: Snapshot | None = None

    def look(self) -> None:
        snapshot = self.conf.snapshot
        if snapshot is self._seen:
            return
        numbers = {agent.description for name, agent in snapshot.items() if name != "z"}
        if len(numbers) != 1 or len(snapshot) != AGENTS + 1:
            self.wrong.append(f"a mixture of {sorted(map(str, numbers))}, {len(snapshot)} agents")
        if snapshot["z"].owner != "good":
            self.wrong.append("what is invalid is served")
        if tree_digest(snapshot.digests, snapshot.default_agent) != snapshot.digest:
            self.wrong.append("the digest is another's")
        if self._seen is not None and snapshot.generation <= self._seen.generation:
            self.wrong.append(f"generation {snapshot.generation} behind {self._seen.generation}")
        self._seen = snapshot


class Fleet:
    """Clients of some servers, in turn. `tries` are the moments (Unix seconds) at which they asked for the push."""

    def __init__(self, urls: Sequence[str], count: int, kept: Path | None = None, rhythm: Rhythm = RHYTHM) -> None:
        self.tries: list[tuple[float, str]] = []
        self._record_tries()
        self.watchers = []
        for number in range(count):
            place = None if kept is None else Place(kept / str(number))
            conf = connected(address_of(urls[number % len(urls)]), None, None, Ways(place, rhythm=rhythm))
            self.watchers.append(Watcher(conf.start()))
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="test-fleet", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._is_over.set()
        self._thread.join(timeout=10)
        closing = [threading.Thread(target=watcher.conf.close) for watcher in self.watchers]
        for one in closing:
            one.start()
        for one in closing:
            one.join(timeout=30)
        follow.open_line = line.open_line  # type: ignore[attr-defined]  # where the loop looks for it

    @property
    def wrong(self) -> list[str]:
        return [what for watcher in self.watchers for what in watcher.wrong]

    def numbers(self) -> Counter[str | None]:
        """How many clients serve which state of the tree."""
        return Counter(watcher.conf["agent-00"].description for watcher in self.watchers)

    def states(self) -> Counter[str]:
        return Counter(watcher.conf.status.state for watcher in self.watchers)

    def digests(self) -> set[str]:
        return {watcher.conf.snapshot.digest for watcher in self.watchers}

    def _look(self) -> None:
        while not self._is_over.wait(0.002):
            for watcher in self.watchers:
                watcher.look()

    def _record_tries(self) -> None:
        def recording(server: Any) -> Any:
            self.tries.append((time.time(), server.address.url))
            return line.open_line(server)

        follow.open_line = recording  # type: ignore[attr-defined]  # where the loop looks for it


def crowd(tries: Sequence[tuple[float, str]], url: str, since: float, until: float) -> tuple[int, int]:
    """How many tries there were in that time, and the most of them within a tenth of a second."""
    moments = sorted(moment for moment, where in tries if where == url and since <= moment < until)
    most = max((sum(one <= other < one + 0.1 for other in moments) for one in moments), default=0)
    return len(moments), most


def answer_questions(urls: Sequence[str], count: int, kept: Path) -> None:
    """As a program: one JSON object for each line of input."""
    with Fleet(urls, count, kept) as fleet:
        _say({"ready": count})
        for _ in sys.stdin:
            said = {
                "numbers": fleet.numbers(), "states": fleet.states(), "digests": sorted(fleet.digests()),
                "wrong": fleet.wrong[:20], "tries": fleet.tries,
                "generations": sum(watcher.conf.snapshot.generation for watcher in fleet.watchers),
            }  # fmt: skip
            _say(said)


def _say(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    answer_questions(sys.argv[3:], int(sys.argv[1]), Path(sys.argv[2]))
