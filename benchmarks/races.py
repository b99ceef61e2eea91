"""Which contenders race for which work, how often, and what the ratio is meant to be."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks import contenders as by
from benchmarks.contenders import OWN_AGENTS, Scratch
from benchmarks.ruler import Contender, Failed, Timing, ask, race
from benchmarks.table import Book, Figure, Row, Work

# The most that each may be: ratios to the peer in the row, but for the memory.
LOAD_GOAL = 5.0
START_GOAL = 6.0
OWN_AGENTS_GOAL = 0.8
LOOK_UP_GOAL = 3.0
LINE_NUMBERS_GOAL = 1.10
PEAK_GOAL_MIB = 180.0

# Of `validate`, by agents and peer.
COLD_GOALS = {(1_000, "ajv-cli"): 0.5, (10_000, "ajv-cli"): 1.0, (10_000, "check-jsonschema"): 1 / 25}
WARM_GOALS = {(10_000, "ajv-cli"): 0.25}

# From here on rounds are few: linters take a minute each.
MANY_AGENTS = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and how often."""

    sizes: tuple[int, ...] = (10, 1_000, 10_000)
    rounds: int = 5
    rounds_of_many: int = 3
    rounds_of_short: int = 11
    largest_merged: int = 1_000
    bad: float = 0.01
    loops: int = 200_000

    def rounds_for(self, agents: int) -> int:
        return self.rounds_of_many if agents >= MANY_AGENTS else self.rounds


# Of a hundred agents a hundredth may be none, hence the larger share.
QUICK = Plan(sizes=(10, 100), rounds=1, rounds_of_short=1, bad=0.2, loops=2_000)


@dataclass(frozen=True, slots=True)
class Bench:
    """A run: where its trees lie, how much it does, and what it found so far."""

    scratch: Scratch
    plan: Plan
    book: Book

    def race(self, work: Work, entered: Sequence[Contender], rounds: int) -> dict[str, Timing]:
        names = ", ".join(contender.name for contender in entered)
        print(f"{' '.join(filter(None, work.cells()))}: {names}", file=sys.stderr, flush=True)
        timings = race(entered, rounds)
        self.book.keep(work, timings)
        return timings


def run_all(bench: Bench) -> None:
    race_starting(bench)
    race_on_own_agents(bench)
    measure_look_ups(bench)
    for agents in bench.plan.sizes:
        race_loading(bench, agents)
        race_validating(bench, agents)
    race_on_mistakes(bench, bench.plan.sizes[-1])


def race_starting(bench: Bench) -> None:
    version = bench.scratch.module("agentconf", "--version", name="--version")
    entered = [_warmed(version), _warmed(by.python_alone(bench.scratch))]
    ours, python = bench.race(Work("start"), entered, bench.plan.rounds_of_short).values()
    bench.book.compare(Work("--version"), ours, python, START_GOAL)


def race_on_own_agents(bench: Bench) -> None:
    validate = by.validate(bench.scratch, OWN_AGENTS, "--no-cache", name="validate, no cache")
    entered = [_warmed(validate), _warmed(by.check_jsonschema(bench.scratch, OWN_AGENTS))]
    ours, peer = bench.race(Work("agents.d"), entered, bench.plan.rounds_of_short).values()
    bench.book.compare(Work("validate agents.d"), ours, peer, OWN_AGENTS_GOAL)


def race_loading(bench: Bench, agents: int) -> None:
    scratch, tree = bench.scratch, bench.scratch.tree(agents)
    entered = [by.floor(scratch, tree), by.load(scratch, tree)]
    if agents <= bench.plan.largest_merged:
        entered += [_seldom(by.omegaconf(scratch, tree), agents), _seldom(by.dynaconf(scratch, tree), agents)]
    work = Work("load", agents)
    floor, load, *peers = bench.race(work, entered, bench.plan.rounds).values()
    bench.book.compare(work, load, floor, LOAD_GOAL)
    for peer in peers:
        bench.book.compare(work, load, peer)


def race_validating(bench: Bench, agents: int) -> None:
    scratch, tree = bench.scratch, bench.scratch.tree(agents)
    entered = [
        by.validate(scratch, tree, "--no-cache", name="validate, no cache"),
        _warmed(by.validate(scratch, tree, name="validate, warm")),
        by.ajv_cli(scratch, tree),
        _seldom(by.check_jsonschema(scratch, tree), agents),
        _seldom(by.yamllint(scratch, tree), agents),
    ]
    timings = bench.race(Work("validate", agents), entered, bench.plan.rounds_for(agents))
    cold, warm, *peers = timings.values()
    for peer in peers:
        bench.book.compare(Work(cold.name, agents), cold, peer, COLD_GOALS.get((agents, peer.name)))
    for peer in (cold, *peers):
        bench.book.compare(Work(warm.name, agents), warm, peer, WARM_GOALS.get((agents, peer.name)))
    bench.book.rows.append(_peak_row(cold, agents))


def _peak_row(timing: Timing, agents: int) -> Row:
    work = Work(f"peak memory of {timing.name}", agents)
    goal = PEAK_GOAL_MIB if agents >= MANY_AGENTS else None
    if timing.problem:
        return Row(work, goal=goal, problem=timing.problem)
    return Row(work, Figure(timing.name, timing.peak_mib, "MiB", len(timing.samples)), goal=goal)


def race_on_mistakes(bench: Bench, agents: int) -> None:
    scratch, bad = bench.scratch, bench.plan.bad
    options = ("--no-cache", "--format", "json")
    right = by.validate(scratch, scratch.tree(agents), *options, name="none wrong")
    wrong = by.validate(scratch, scratch.tree(agents, bad), *options, name=f"{bad:.0%} of the files wrong")
    entered = [right, replace(wrong, expected_exit=1, output_begins=b"{")]
    timings = bench.race(Work("line numbers", agents), entered, bench.plan.rounds)
    work = Work(f"validate, {wrong.name}", agents)
    bench.book.compare(work, timings[wrong.name], timings[right.name], LINE_NUMBERS_GOAL)


def measure_look_ups(bench: Bench) -> None:
    agents = min(1_000, bench.plan.sizes[-1])
    tree, loops = bench.scratch.tree(agents), bench.plan.loops
    probe = bench.scratch.probe("look-ups", "look_ups", str(tree), str(loops))
    try:
        taken = ask(probe)
    except Failed as error:
        bench.book.keep(Work("look-ups", agents), {probe.name: Timing(probe.name, problem=str(error))})
        bench.book.rows.append(Row(Work("snapshot[id]", agents), goal=LOOK_UP_GOAL, problem=str(error)))
    else:
        bench.book.rows += _look_up_rows(taken, agents)


def _look_up_rows(taken: dict[str, float], agents: int) -> list[Row]:
    figures = {name: Figure(name, value, "ns", 9) for name, value in taken.items()}
    pairs = [
        (Work("snapshot[id]", agents), "snapshot", "dict", LOOK_UP_GOAL),
        (Work("agent.llm.temperature", agents), "agent", "dataclass", None),
        (Work("agent.llm.temperature", agents), "agent", "pydantic", None),
    ]
    return [Row(work, figures[a], figures[b], taken[a] / taken[b], goal) for work, a, b, goal in pairs]


def _warmed(contender: Contender) -> Contender:
    """Run once before it counts: for the cache to be filled, and bytecode to be written."""
    return replace(contender, warm_ups=1)


def _seldom(peer: Contender, agents: int) -> Contender:
    return replace(peer, at_most=1 if agents >= MANY_AGENTS else 3)
