"""What a write costs, as `agentconf serve --writes commit` makes it: the first after a start, and those that follow.

usage: python -m benchmarks.writing [--agents 1000 10000] [--writes 15] [--output FILE]

A repository with a generated tree and two environments, and for each size a process of its own that writes to it: it
patches, creates, removes and is refused, in turns, each on another agent. Seconds of the clock and of the CPU, git's
included; medians. Memory is the process's own, behind the first write and behind the last.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

from agentconf.server.problem import Problem
from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.outcome import Mode
from agentconf.server.writing.writer import Writer
from agentconf.source.git.making import Person
from benchmarks.contenders import Scratch
from benchmarks.probes.layout import agent_files
from benchmarks.repository import Repository
from benchmarks.results import write_part, writing_markdown
from benchmarks.ruler import ask
from benchmarks.table import laid_out

NEW: Final = {"owner": "team@example.com", "description": "New.", "llm": {"model": "openai/gpt-4.1"}}
WALL: Final = ", s"
CPU: Final = ", cpu s"
PERSON: Final = Person("bench", "bench@example.com")


class Desk:
    """A writer, and agents to write, each once."""

    def __init__(self, tree: Path) -> None:
        files = [file.stem for file in agent_files(tree)]
        self._writer = Writer(str(tree), Mode.COMMIT)
        self._agents = iter(files[:: max(1, len(files) // 97)])
        self._count = 0

    def patch(self) -> Callable[[], object]:
        return self._prepared(Way.MERGE, {"description": f"Written at {time.time()}."})

    def remove(self) -> Callable[[], object]:
        return self._prepared(Way.REMOVE, None)

    def create(self) -> Callable[[], object]:
        self._count += 1
        asked = Asked(Way.CREATE, f"new-{self._count}", PERSON, "bench", NEW)
        return lambda: self._writer.carry_out(asked)

    def refused(self) -> Callable[[], object]:
        write = self._prepared(Way.MERGE, {"llm": {"temperature": 9}})

        def refuse() -> object:
            try:
                return write()
            except Problem as problem:
                return problem

        return refuse

    def _prepared(self, way: Way, value: Any) -> Callable[[], object]:
        agent = next(self._agents)
        asked = Asked(way, agent, PERSON, "bench", value, self._writer.read(agent)[1])
        return lambda: self._writer.carry_out(asked)


def measured(tree: Path, writes: int) -> dict[str, float]:
    """Of each kind of write the seconds of the clock and of the CPU; and the memory in MiB."""
    desk = Desk(tree)
    found = {"first change": [_timed(desk.patch())]}
    begun_mib = _memory_mib()
    kinds = {"change": desk.patch, "new agent": desk.create, "removal": desk.remove, "refused": desk.refused}
    for _ in range(writes):
        for name, prepare in kinds.items():
            found.setdefault(name, []).append(_timed(prepare()))
    wall = {f"{name}{WALL}": median(wall for wall, _ in times) for name, times in found.items()}
    cpu = {f"{name}{CPU}": median(cpu for _, cpu in times) for name, times in found.items()}
    return wall | cpu | {"MiB behind the first": begun_mib, "MiB behind the last": _memory_mib()}


def _timed(write: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), _cpu_s()
    write()
    return time.perf_counter() - wall, _cpu_s() - cpu


def _cpu_s() -> float:
    return sum(os.times()[:4])


def _memory_mib() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def run(arguments: list[str]) -> int:
    options = _options(arguments)
    if options.tree:
        print(json.dumps(measured(options.tree, options.writes)))
        return 0
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        scratch = Scratch(Path(folder))
        told = {agents: _told(scratch, agents, options.writes) for agents in options.agents}
    tables = {"One write": _writes(told), "Memory": _memory(told)}
    print(*tables.values(), sep="\n\n")
    if options.output:
        words = ["--agents", *map(str, options.agents), "--writes", str(options.writes)]
        command = " ".join(["python -m benchmarks.writing", *words])
        write_part(options.output, writing_markdown(tables, command, (load, os.getloadavg()[0])))
    return 0


def _told(scratch: Scratch, agents: int, writes: int) -> dict[str, float]:
    tree = scratch.tree(agents)
    git = Repository(tree, []).git
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "First")
    return ask(scratch.module("benchmarks.writing", "--tree", str(tree), "--writes", str(writes)))


def _writes(told: Mapping[int, Mapping[str, float]]) -> str:
    return laid_out(["write", "agents", "s", "cpu s"], "lrrr", [
        [name.removesuffix(WALL), f"{agents:,}", f"{wall:.3f}", f"{one[name.removesuffix(WALL) + CPU]:.3f}"]
        for agents, one in told.items()
        for name, wall in one.items()
        if name.endswith(WALL)
    ])  # fmt: skip


def _memory(told: Mapping[int, Mapping[str, float]]) -> str:
    names = ("MiB behind the first", "MiB behind the last")
    rows = [[f"{agents:,}", *(f"{one[name]:.0f}" for name in names)] for agents, one in told.items()]
    return laid_out(["agents", *names], "rrr", rows)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.writing")
    parser.add_argument("--agents", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--writes", type=int, default=15, help="of each kind, behind the first")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the figures' part of this file")
    parser.add_argument("--tree", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
