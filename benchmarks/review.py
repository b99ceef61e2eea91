"""What a review costs beside a cold `validate` of the same tree, whole processes that take turns.

usage: python -m benchmarks.review [--agents 10000] [--rounds 5] [--output FILE]

A repository with two environments and three commits: the tree, one agent's file changed, and a root default changed
that touches every agent. Run it on a quiet machine. It ends with status 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.contenders import Scratch
from benchmarks.probes.layout import agent_files
from benchmarks.repository import Repository
from benchmarks.results import review_markdown, write_part
from benchmarks.ruler import Contender, race
from benchmarks.table import laid_out

GOALS: Final = {"diff, one agent": 0.8, "diff, a default of all": 2.0}
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


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review")
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the figures' part of this file")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        timings = race(contenders(Scratch(Path(folder)), options.agents), options.rounds)
    if problems := [timing for timing in timings.values() if timing.problem]:
        print(*(f"{timing.name}: {timing.problem}" for timing in problems), sep="\n")
        return 1
    validate = timings["validate"]
    ratios = {name: timing.seconds / validate.seconds for name, timing in timings.items()}
    table = laid_out(["command", "s", "cpu s", "MiB", "times validate", "goal"], "lrrrrl", [
        [name, f"{timing.seconds:.2f}", f"{timing.cpu_s:.2f}", f"{timing.peak_mib:.0f}", f"{ratios[name]:.2f}",
         f"<= {GOALS[name]}" if name in GOALS else ""]
        for name, timing in timings.items()
    ])  # fmt: skip
    print(table)
    if options.output:
        write_part(options.output, review_markdown(table, f"python -m benchmarks.review --agents {options.agents}"))
    return 1 if any(ratios[name] > goal for name, goal in GOALS.items()) else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
