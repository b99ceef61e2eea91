"""The benchmark of following a folder: agentconf.watch beside what people write or take instead of it.

usage: python -m benchmarks.live [--quick] [--peers-at-10000] [--output FILE]

Prints a table and writes its part of benchmarks/RESULTS.md; a quick run (10 and 100 agents, few rounds) writes a file
only where it is told to. A peer that is not installed is named and left out. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.contenders import Scratch
from benchmarks.line import RESULTS
from benchmarks.live_races import QUICK, Bench, Plan, run_all
from benchmarks.results import live_markdown, write_part
from benchmarks.spread import spreads_table
from benchmarks.table import comparisons


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.live", description="Measure agentconf.watch beside its peers, on the same trees."
    )
    parser.add_argument("--quick", action="store_true", help="10 and 100 agents, few rounds: does it run?")
    parser.add_argument("--peers-at-10000", action="store_true", help="the peers there as often as elsewhere")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: RESULTS.md; with --quick, none")
    return parser.parse_args(arguments)


def plan_for(options: argparse.Namespace) -> Plan:
    if options.quick:
        return QUICK
    plan = Plan()
    return replace(plan, rounds_of_many=plan.rounds_of_peers) if options.peers_at_10000 else plan


def command_of(options: argparse.Namespace) -> str:
    """The command as RESULTS.md names it: what decides the figures, no paths."""
    chosen = {"--quick": options.quick, "--peers-at-10000": options.peers_at_10000}
    return " ".join(["python -m benchmarks.live", *(flag for flag, is_on in chosen.items() if is_on)])


def run(arguments: list[str]) -> int:
    options = parse_options(arguments)
    output = options.output or (None if options.quick else RESULTS)
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        bench = Bench(Scratch(Path(folder)), plan_for(options))
        run_all(bench)
    rows, spreads = comparisons(bench.rows), spreads_table(bench.spreads)
    print(rows)
    if output:
        write_part(output, live_markdown(rows, spreads, command_of(options)))
    return 1 if bench.has_failures else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
