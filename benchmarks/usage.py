"""The benchmark of the record of calls: what it takes of a caller, and whether it keeps up.

usage: python -m benchmarks.usage [--quick] [--rate N] [--output FILE]

Records calls at a steady rate into SQLite, then as fast as it can into a database that is not there. Prints a table and
writes its part of benchmarks/RESULTS.md; a quick run writes a file only where it is told to.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.question import Question
from agentconf.runtime.usage.record import CallRecord
from agentconf.runtime.usage.store import UsageStore
from agentconf.runtime.usage.writer import Recorder
from benchmarks.line import RESULTS
from benchmarks.results import usage_markdown, write_part

LEAST_RATE = 2_000
LONGEST_US = 20.0


@dataclass
class Figures:
    """One run: microseconds of a caller for each call, MiB of the process, and what became of the records."""

    name: str
    seconds: float = 0.0
    micros: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    most_pending: int = 0
    written: int = 0
    dropped: int = 0
    cpu_share: float = 0.0

    def quantile(self, share: float) -> float:
        return sorted(self.micros)[min(int(share * len(self.micros)), len(self.micros) - 1)]

    @property
    def rate(self) -> float:
        return len(self.micros) / self.seconds


def memory_mib() -> float:
    """What the process holds now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def made(number: int) -> CallRecord:
    """A call as a service makes them: all fields that a client knows."""
    return CallRecord(
        at=time.time(), agent=f"agent-{number % 40}", tree="agents.d", environment="prod", digest="sha256:" + "0" * 64,
        model_asked="openai/gpt-4.1", model="openai/gpt-4.1", provider="openai", tokens=Tokens(1_200, 340, 800),
        cost_usd=0.0042, latency_s=number % 997 / 100, first_token_s=0.3, tags={"team": "support"},
    )  # fmt: skip


def steadily(rate: int, seconds: float) -> Iterator[int]:
    """Numbers at a rate, a few each time the clock is looked at; late ones are made up for."""
    begin, number = time.perf_counter(), 0
    while number < rate * seconds:
        due = int((time.perf_counter() - begin) * rate)
        yield from range(number, due)
        number = max(number, due)
        time.sleep(0.002)


def measure(figures: Figures, recorder: Recorder, numbers: Iterator[int], make: Callable[[int], CallRecord]) -> None:
    clock, begin = time.perf_counter_ns, time.perf_counter()
    cpu = time.process_time()
    look_every = 2_000
    for count, number in enumerate(numbers):
        one = make(number)
        start = clock()
        recorder.record(one)
        figures.micros.append((clock() - start) / 1_000)
        if count % look_every == 0:
            figures.memory.append(memory_mib())
            figures.most_pending = max(figures.most_pending, recorder.pending)
    figures.seconds = time.perf_counter() - begin
    figures.cpu_share = (time.process_time() - cpu) / figures.seconds


def sustained(folder: Path, rate: int, seconds: float) -> Figures:
    """Calls at a steady rate, into a database that is there."""
    store = UsageStore(f"sqlite:///{folder}/usage.sqlite3")
    recorder = Recorder(store)
    for number in range(2_000):  # imports, tables and first connections are the start of a service, not its calls
        recorder.record(made(number))
    recorder.flush()
    figures = Figures(f"{rate:,} calls a second for {seconds:g} s")
    measure(figures, recorder, steadily(rate, seconds), made)
    recorder.close(60)
    report = store.report(Question())
    figures.written = report.total.calls - 2_000 if report is not None else 0
    figures.dropped = recorder.dropped
    store.close()
    return figures


def dead(folder: Path, calls: int) -> Figures:
    """As many calls as can be made, with no database."""
    store = UsageStore(f"sqlite:///{folder}/missing/usage.sqlite3")
    recorder = Recorder(store)
    figures = Figures(f"{calls:,} calls at once, no database")
    measure(figures, recorder, iter(range(calls)), made)
    figures.dropped = recorder.dropped
    recorder.close(0.1)
    store.close()
    return figures


def table(runs: list[Figures]) -> str:
    head = "run | calls/s | written | dropped | record(): median µs | mean | p99 | most that waited | memory MiB | CPU"
    lines = [f"| {head} |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for one in runs:
        memory = f"{one.memory[0]:.0f} to {max(one.memory):.0f}"
        lines.append(
            f"| {one.name} | {one.rate:,.0f} | {one.written:,} | {one.dropped:,} | {one.quantile(0.5):.1f}"
            f" | {statistics.fmean(one.micros):.1f} | {one.quantile(0.99):.1f} | {one.most_pending:,} | {memory}"
            f" | {one.cpu_share:.0%} |"
        )
    return "\n".join([*lines, ""])


def parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.usage", description="Measure the record of calls.")
    parser.add_argument("--quick", action="store_true", help="three seconds: does it run?")
    parser.add_argument("--rate", type=int, default=LEAST_RATE, metavar="N", help="calls a second")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: RESULTS.md; with --quick, none")
    return parser.parse_args(arguments)


def run(arguments: list[str]) -> int:
    options = parse_options(arguments)
    logging.disable(logging.WARNING)  # that there is no database is what is measured
    seconds, calls = (3.0, 60_000) if options.quick else (30.0, 300_000)
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        runs = [sustained(Path(folder), options.rate, seconds), dead(Path(folder), calls)]
    rows = table(runs)
    print(rows)
    output = options.output or (None if options.quick else RESULTS)
    if output:
        write_part(output, usage_markdown(rows, "python -m benchmarks.usage"))
    steady = runs[0]
    is_good = steady.written == len(steady.micros) and statistics.fmean(steady.micros) <= LONGEST_US
    return 0 if is_good and steady.dropped == 0 else 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
