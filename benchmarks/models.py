"""What looking models up costs beside `agentconf --version`, whole processes that take turns.

usage: python -m benchmarks.models [--rounds N]

Run it on a quiet machine. It ends with status 1 where a command takes more than 150 ms longer than `--version`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.contenders import ROOT, Scratch
from benchmarks.ruler import Contender, race
from benchmarks.table import laid_out

GOAL_MS = 150
OWN_AGENTS = ROOT / "agents.d"
LOCK = "_models.lock.json"


def contenders(scratch: Scratch) -> list[Contender]:
    """`--version` first; then the commands on this repository's own agents, with their lock and without."""
    unlocked = scratch.folder / "unlocked"
    shutil.copytree(OWN_AGENTS, unlocked, ignore=shutil.ignore_patterns(LOCK))
    asked = {
        "models list": ["models", "list", str(OWN_AGENTS)],
        "models list, without the lock": ["models", "list", str(unlocked)],
        "models recommend": ["models", "recommend", "--path", str(OWN_AGENTS), "--capability", "vision"],
        "models recommend --for": ["models", "recommend", "--path", str(OWN_AGENTS), "--for", "trader", "-e", "prod"],
    }
    entered = [scratch.module("agentconf", "--version", name="--version")]
    entered += [scratch.module("agentconf", *words, name=name) for name, words in asked.items()]
    return [replace(one, warm_ups=1) for one in entered]


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models")
    parser.add_argument("--rounds", type=int, default=21)
    rounds = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        timings = race(contenders(Scratch(Path(folder))), rounds)
    if problems := [timing for timing in timings.values() if timing.problem]:
        print(*(f"{timing.name}: {timing.problem}" for timing in problems), sep="\n")
        return 1
    version = timings["--version"]
    more_ms = {name: (timing.seconds - version.seconds) * 1000 for name, timing in timings.items()}
    print(laid_out(["command", "median ms", "more ms", "cpu ms", "more cpu ms", "goal"], "lrrrrl", [
        [name, f"{timing.seconds * 1000:.0f}", f"{more_ms[name]:.0f}", f"{timing.cpu_s * 1000:.0f}",
         f"{(timing.cpu_s - version.cpu_s) * 1000:.0f}", "" if timing is version else f"<= {GOAL_MS} ms more"]
        for name, timing in timings.items()
    ]))  # fmt: skip
    return 1 if max(more_ms.values()) > GOAL_MS else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
