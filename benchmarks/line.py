"""The benchmark of the line, from bytes to a snapshot: agentconf beside its peers on the same trees.

usage: python -m benchmarks.line [--quick] [--peers-at-10000] [--output FILE]

Prints a table of ratios and writes its part of benchmarks/RESULTS.md; a quick run (10 and 100 agents, one round)
writes a file only where it is told to. A peer that is not installed is named and left out. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.contenders import ROOT, Scratch
from benchmarks.races import QUICK, Bench, Plan, run_all
from benchmarks.results import markdown, write_part
from benchmarks.table import Book, comparisons

RESULTS = ROOT / "benchmarks" / "RESULTS.md"


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.line", description="Measure agentconf beside its peers, on the same trees."
    )
    parser.add_argument("--quick", action="store_true", help="10 and 100 agents, one round: does it run?")
    parser.add_argument("--peers-at-10000", action="store_true", help="OmegaConf and dynaconf there too")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: RESULTS.md; with --quick, none")
    return parser.parse_args(arguments)


def plan_for(options: argparse.Namespace) -> Plan:
    if options.quick:
        return QUICK
    return Plan(largest_merged=10_000) if options.peers_at_10000 else Plan()


def command_of(options: argparse.Namespace) -> str:
    """The command as RESULTS.md names it: what decides the figures, no paths."""
    chosen = {"--quick": options.quick, "--peers-at-10000": options.peers_at_10000}
    return " ".join(["python -m benchmarks.line", *(flag for flag, is_on in chosen.items() if is_on)])


def run(arguments: list[str]) -> int:
    options = parse_options(arguments)
    output = options.output or (None if options.quick else RESULTS)
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        bench = Bench(Scratch(Path(folder)), plan_for(options), Book())
        run_all(bench)
    print(comparisons(bench.book.rows))
    if output:
        write_part(output, markdown(bench.book, command_of(options)))
    return 1 if bench.book.has_failures else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
