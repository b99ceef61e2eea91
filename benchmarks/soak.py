"""Random edits for a long time, with readers all the while: does anything leak, mix, or go stale?

usage: python -m benchmarks.soak [--minutes 30] [--agents 300] [--readers 8] [--seed 7]

Every edit is a real one: written in place, renamed into place, broken and mended, deleted and brought back, of agents
and of shared layers; sometimes the whole tree is exchanged by its link. A line is printed each minute. In the end the
tree is mended, what is served must equal a cold load, and memory, threads, descriptors and watches must be where they
were after the first third of the time, when all that is kept on purpose is there. The exit status says whether all of
that held.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import agentconf
from agentconf.live.watch import Watch
from benchmarks.make_tree import write_tree

MEMORY_SLACK = 1.05
SETTLE_S = 20.0


@dataclass(slots=True)
class Leaks:
    """What a process holds. Memory in MiB."""

    memory: float
    threads: int
    descriptors: int
    watches: int

    def __str__(self) -> str:
        return f"{self.memory:.0f} MiB, {self.threads} threads, {self.descriptors} descriptors, {self.watches} watches"


@dataclass(slots=True)
class Readers:
    """Threads that look agents up, and note what must not be."""

    conf: Watch
    count: int
    stop: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self.reads = [0] * self.count
        for number in range(self.count):
            thread = threading.Thread(target=self._read, args=(number,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _read(self, number: int) -> None:
        random, generation = Random(number), 0
        digests: dict[int, str] = {}
        while not self.stop.is_set():
            snapshot = self.conf.snapshot
            if snapshot.generation < generation:
                self.faults.append(f"generation {snapshot.generation} behind {generation}")
            if digests.setdefault(snapshot.generation, snapshot.digest) != snapshot.digest:
                self.faults.append(f"generation {snapshot.generation} has two digests")
            digests = {snapshot.generation: snapshot.digest}
            generation = snapshot.generation
            for name in random.sample(list(snapshot), min(5, len(snapshot))):
                if not snapshot[name].llm.model:
                    self.faults.append(f"{name} has no model")
            self.reads[number] += 1
            self.stop.wait(0.002)


class Editor:
    """Edits a tree at random. `mend` undoes all that is wrong with it."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = Random(seed)
        self.texts = {path: path.read_text() for path in sorted(root.rglob("*.yaml"))}
        self.agents = [path for path in self.texts if not path.name.startswith("_") and path.parent != root]
        self.edits: list[Callable[[Path], None]] = [self.rewrite, self.replace, self.replace, self.spoil, self.remove]

    def edit(self) -> None:
        path = self.random.choice(self.agents)
        self.random.choice(self.edits)(path)
        if self.random.random() < 0.02:
            shared = self.root / "_defaults.yaml"
            self.replace(shared)
        if self.random.random() < 0.2:
            self.mend()

    def rewrite(self, path: Path) -> None:
        path.write_text(self._changed(path))

    def replace(self, path: Path) -> None:
        agentconf.publish_file(path, self._changed(path))

    def spoil(self, path: Path) -> None:
        path.write_text(self.texts[path] + self.random.choice(["\nbad: [\n", "\nllm: 7\n", "\nextends: nobody\n"]))

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def mend(self) -> None:
        for path, text in self.texts.items():
            if not path.exists() or path.read_text() != text:
                agentconf.publish_file(path, text)

    def _changed(self, path: Path) -> str:
        number = self.random.randrange(10**6)
        text = re.sub(r"^# soak .*\n", "", self.texts[path], flags=re.MULTILINE)
        changed = re.sub(r"^(owner: ).*$", rf"\g<1>team-{number}@example.com", text, flags=re.MULTILINE)
        return f"# soak {number}\n{changed}"


def held() -> Leaks:
    """What this process holds now."""
    status = Path("/proc/self/status").read_text()
    memory = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]  # Linux always says it
    links = [os.path.join("/proc/self/fdinfo", name) for name in os.listdir("/proc/self/fdinfo")]
    watches = 0
    for link in links:
        try:
            watches += Path(link).read_text().count("inotify wd:")
        except OSError:
            continue  # closed since it was listed
    return Leaks(memory, threading.active_count(), len(links), watches)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition came to hold in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def soak(minutes: float, agents: int, readers: int, seed: int) -> list[str]:
    """What went wrong; empty when nothing did."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "agents.d"
        write_tree(root, agents)
        with agentconf.watch(root, environment="prod", last_good=Path(scratch) / "kept") as conf:
            watchers = Readers(conf, readers)
            watchers.start()
            editor = Editor(root, seed)
            problems = _edit(conf, editor, minutes, watchers)
            editor.mend()
            problems += _converged(conf, root)
            watchers.stop.set()
            for thread in watchers.threads:
                thread.join()
            print(f"{sum(watchers.reads):,} reads, generation {conf.snapshot.generation}")
            return problems + watchers.faults


def _edit(conf: Watch, editor: Editor, minutes: float, readers: Readers) -> list[str]:
    start, first, edits = time.monotonic(), None, 0
    minute = 0
    while time.monotonic() - start < minutes * 60:
        editor.edit()
        edits += 1
        time.sleep(editor.random.expovariate(20))
        if time.monotonic() - start > (minute + 1) * 60:
            minute += 1
            now = held()
            first = now if time.monotonic() - start < minutes * 20 + 60 else first
            print(f"minute {minute}: {edits:,} edits, generation {conf.snapshot.generation}, {now}", flush=True)
    return _leaks(first, held()) if first else []


def _leaks(first: Leaks, last: Leaks) -> list[str]:
    found = []
    if last.memory > first.memory * MEMORY_SLACK:
        found.append(f"memory grew from {first.memory:.0f} to {last.memory:.0f} MiB")
    grown = [name for name in ("threads", "descriptors", "watches") if getattr(last, name) > getattr(first, name) + 2]
    return found + [f"{name} grew from {getattr(first, name)} to {getattr(last, name)}" for name in grown]


def _converged(conf: Watch, root: Path) -> list[str]:
    cold = agentconf.load(root, environment="prod")
    if wait_until(lambda: conf.snapshot.digest == cold.digest and conf.status.state == "fresh", SETTLE_S):
        return []
    return [f"after mending, what is served is not what lies there: {conf.status}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--agents", type=int, default=300)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    logging.getLogger("agentconf.live").setLevel(logging.ERROR)  # what is refused is meant to be
    problems = soak(asked.minutes, asked.agents, asked.readers, asked.seed)
    for problem in problems[:20]:
        print(f"FAILED: {problem}", file=sys.stderr)
    print("nothing leaked, nothing mixed, nothing stale" if not problems else f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
