"""What a review costs beside a cold `validate` of the same tree, and `log` over a long history.

usage: python -m benchmarks.review [--agents 10000] [--commits 500] [--rounds 5] [--quick] [--output FILE]

Whole processes that take turns. A repository with two environments and three commits: the tree, one agent's file
changed, and a root default changed that touches every agent. Another one with a tenth of the agents and many commits.
Run it on a quiet machine. It ends with status 1 where a goal is missed; with --quick it is small, and no goal counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.contenders import Scratch
from benchmarks.history import with_history
from benchmarks.probes.layout import agent_files
from benchmarks.repository import Repository
from benchmarks.results import review_markdown, write_part
from benchmarks.ruler import Contender, Timing, race
from benchmarks.table import laid_out

GOALS: Final = {"diff, one agent": 0.8, "diff, a default of all": 2.0}
LOG_GOAL_S: Final = 20.0
LINEAR: Final = 2.3
"""Twice the commits may take so many times as long."""
DEFAULT: Final = ("  timeout: 30\n", "  timeout: 30\n  seed: 7\n")


def contenders(scratch: Scratch, agents: int) -> list[Contender]:
    """`validate` first, which reads every file and judges every agent in both environments."""
    tree = scratch.tree(agents)
    _commit(tree)
    asked = {
        "validate": ["validate", str(tree), "--no-cache"],
        "diff, one agent": ["diff", "base..one", "--path", str(tree)],
        "diff, a default of all": ["diff", "base..all", "--path", str(tree)],
    }
    return [replace(scratch.module("agentconf", *words, name=name), warm_ups=1) for name, words in asked.items()]


def _commit(tree: Path) -> None:
    """Three branches. The work tree stays at the first, which is what `validate` reads."""
    one = tree / agent_files(tree)[0]
    defaults = tree / "_defaults.yaml"
    git = Repository(tree, []).git
    git("init", "--quiet")
    for branch, file, change in (
        ("base", None, ("", "")),
        ("one", one, ("llm:\n", "llm:\n  seed: 7\n")),
        ("all", defaults, DEFAULT),
    ):
        git("checkout", "--quiet", "-b", branch)
        text = file.read_text("utf-8") if file else ""
        if file:
            file.write_text(text.replace(*change, 1), "utf-8")
        git("add", "--all")
        git("commit", "--quiet", "--message", branch)
        if file:
            git("checkout", "--quiet", "base")


def histories(scratch: Scratch, agents: int, commits: int) -> list[Contender]:
    """`log` over half of a history, and over all of it. Nothing is kept from one run to the next: each is cold."""
    tree = scratch.tree(agents)
    agent = with_history(tree, commits)
    asked = {half: f"HEAD~{commits - half}" for half in (commits // 2, commits)}
    return [
        scratch.module("agentconf", "log", agent, "--path", str(tree), "--revision", revision, name=f"{number} commits")
        for number, revision in asked.items()
    ]


def run(arguments: list[str]) -> int:
    options = _options(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        timings = race(contenders(Scratch(Path(folder)), options.agents), options.rounds)
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        told = race(histories(Scratch(Path(folder)), options.agents // 10, options.commits), options.rounds)
    every = (*timings.values(), *told.values())
    if problems := [timing for timing in every if timing.problem]:
        print(*(f"{timing.name}: {timing.problem}" for timing in problems), sep="\n")
        return 1
    ratios = {name: timing.seconds / timings["validate"].seconds for name, timing in timings.items()}
    half, whole = told.values()
    tables = {
        "Beside a cold validate": _beside(timings, ratios),
        f"The history of one agent, of {options.agents // 10:,}": _log(half, whole),
    }
    print(*tables.values(), sep="\n\n")
    if options.output and not options.quick:
        words = ["--agents", str(options.agents), "--commits", str(options.commits)]
        command = " ".join(["python -m benchmarks.review", *words])
        write_part(options.output, review_markdown(tables, command, (load, os.getloadavg()[0])))
    is_slow = whole.seconds > LOG_GOAL_S or whole.seconds > LINEAR * half.seconds
    is_missed = is_slow or any(ratios[name] > goal for name, goal in GOALS.items())
    return 1 if is_missed and not options.quick else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review")
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--commits", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="does it run? no goal counts")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the figures' part of this file")
    options = parser.parse_args(arguments)
    if options.quick:
        options.agents, options.commits, options.rounds = 200, 20, 1
    return options


def _beside(timings: Mapping[str, Timing], ratios: Mapping[str, float]) -> str:
    return laid_out(["command", "s", "cpu s", "MiB", "times validate", "goal"], "lrrrrl", [
        [name, f"{timing.seconds:.2f}", f"{timing.cpu_s:.2f}", f"{timing.peak_mib:.0f}", f"{ratios[name]:.2f}",
         f"<= {GOALS[name]}" if name in GOALS else ""]
        for name, timing in timings.items()
    ])  # fmt: skip


def _log(half: Timing, whole: Timing) -> str:
    return laid_out(["log over", "s", "cpu s", "MiB", "times as long", "goal"], "lrrrrl", [
        [half.name, f"{half.seconds:.2f}", f"{half.cpu_s:.2f}", f"{half.peak_mib:.0f}", "1.00", ""],
        [whole.name, f"{whole.seconds:.2f}", f"{whole.cpu_s:.2f}", f"{whole.peak_mib:.0f}",
         f"{whole.seconds / half.seconds:.2f}", f"<= {LOG_GOAL_S:.0f} s, <= {LINEAR} times"],
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
