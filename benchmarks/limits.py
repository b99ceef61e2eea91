"""What limits, prices and the choice of a variant cost a call, in microseconds, in one process.

usage: python -m benchmarks.limits [--calls N]

Run it on a quiet machine. It ends with status 1 where a goal is missed. The counters lie in a new file in the folder
for temporary files.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from agentconf.config.agent import Agent
from agentconf.config.variant import chosen_variant
from agentconf.runtime.limits.ask import Ask, Spent
from agentconf.runtime.limits.guard import Guard
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.runtime.prices import Prices
from agentconf.runtime.tokens import Tokens
from agentconf.snapshot.snapshot import Snapshot
from agentconf.testing import snapshot_of
from benchmarks.table import laid_out

MODEL: Final = "openai/in-house"
TOKENS: Final = Tokens(1200, 800, is_estimated=True)
SPENT: Final = Spent(Tokens(1150, 310))
TODAY: Final = date(2027, 5, 14)
ROUND: Final = 100


@dataclass(frozen=True, slots=True)
class Figure:
    """Microseconds: the median of single calls, or of rounds of them; `late` is the 99th of a hundred."""

    work: str
    middle: float
    late: float | None = None
    goal: float | None = None

    @property
    def is_missed(self) -> bool:
        return self.goal is not None and self.middle > self.goal

    def cells(self) -> list[str]:
        late = f"{self.late:.0f}" if self.late is not None else ""
        goal = f"≤ {self.goal:g}" if self.goal is not None else ""
        reached = "" if self.goal is None else "**no**" if self.is_missed else "yes"
        return [self.work, f"{self.middle:.2f}", late, goal, reached]


def snapshot() -> Snapshot:
    budget = {"usd": 1e6, "per": "day"}
    every = {"budget": budget, "requests_per_minute": 10**8, "tokens_per_minute": 10**12, "max_parallel": 64}
    llm = {"model": MODEL}
    facts = {"mode": "chat", "input_per_million": 2, "output_per_million": 8}
    variants: dict[str, dict[str, Any]] = {f"variant-{number}": {"weight": number + 1} for number in range(3)}
    experiment = {"control": "variant-0", "ends": "2030-01-01"}
    return snapshot_of({
        "free": {"llm": llm},
        "budget": {"llm": llm, "limits": {"budget": budget}},
        "every": {"llm": llm, "limits": every},
        "two": {"llm": llm, "variants": dict(list(variants.items())[:2]), "experiment": experiment},
        "three": {"llm": llm, "variants": variants, "experiment": experiment},
        "_models": {"models": {MODEL: facts}},
    })  # fmt: skip


def each_us(work: Callable[[], object], calls: int) -> tuple[float, float]:
    """The median and the 99th of a hundred, of single calls."""
    for _ in range(calls // 10):
        work()
    samples = []
    for _ in range(calls):
        started = time.perf_counter()
        work()
        samples.append(time.perf_counter() - started)
    return statistics.median(samples) * 1e6, statistics.quantiles(samples, n=100)[98] * 1e6


def many_us(work: Callable[[], object], calls: int) -> float:
    """The median of rounds, for what is too short to be timed alone, and of rounds that fit between others' turns."""
    work()
    rounds = timeit.repeat(work, number=ROUND, repeat=calls // ROUND)
    return statistics.median(rounds) / ROUND * 1e6


def call_of(guard: Guard, agent: Agent, prices: Prices) -> Callable[[], None]:
    asked = Ask(agent, "/srv/agents.d", MODEL, prices.of(agent, agent.llm), TOKENS)

    def call() -> None:
        guard.enter(asked).leave(SPENT)

    return call


def two_commits(folder: Path) -> Callable[[], None]:
    """The least that two transactions cost: what a call with a budget cannot be below."""
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE counts (id INTEGER PRIMARY KEY, count INTEGER)")
    connection.execute("INSERT INTO counts VALUES (1, 0)")

    def commit() -> None:
        for _ in range(2):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE counts SET count = count + 1 WHERE id = 1")
            connection.execute("COMMIT")

    return commit


def measured(folder: Path, calls: int) -> list[Figure]:
    agents = snapshot()
    prices, guard = Prices(agents), Guard(SQLiteLimits(folder / "limits.sqlite3"))
    two, three = agents["two"], agents["three"]
    figures = [
        Figure("two bare SQLite transactions", *each_us(two_commits(folder), calls)),
        Figure("enter and leave, a budget", *each_us(call_of(guard, agents["budget"], prices), calls), 200),
        Figure("enter and leave, every limit", *each_us(call_of(guard, agents["every"], prices), calls), 200),
        Figure("enter and leave, no limits", many_us(call_of(guard, agents["free"], prices), calls * 10), None, 1),
        Figure("price of an entry", many_us(lambda: prices.of(two, two.llm), calls * 10)),
        Figure("choice among two variants", many_us(lambda: chosen_variant(two, "user-4711", TODAY), calls), None, 3),
        Figure("choice among three", many_us(lambda: chosen_variant(three, "user-4711", TODAY), calls), None, 3),
    ]
    guard.close()
    return figures


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description="Measure limits and variants.")
    parser.add_argument("--calls", type=int, default=10_000)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder:
        figures = measured(Path(folder), options.calls)
    print(laid_out(["for a call", "µs", "p99", "goal", "reached"], "lrrll", [figure.cells() for figure in figures]))
    return int(any(figure.is_missed for figure in figures))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
