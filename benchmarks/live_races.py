"""Which followers race, how often, and what their times are meant to be."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.contenders import Scratch, not_importable
from benchmarks.repository import BRANCHES, Repository
from benchmarks.ruler import Failed
from benchmarks.spread import Count, Spread
from benchmarks.table import Figure, Row, Work
from benchmarks.talk import Talk
from benchmarks.writes import Defaults, Flags, Writer, Yamls

OURS, BARE, FULL = "agentconf.watch", "bare loop", "full reload"
DYNACONF, FLAGD = "dynaconf.reload", "flagd provider"

# The most that each may be, by agents where that matters: milliseconds, ratios, percent, counts.
SERVED_GOALS = {100: {50.0: 30.0, 99.0: 60.0}, 10_000: {50.0: 60.0, 99.0: 150.0}}
BARE_GOAL = 3.0
SCAN_GOAL, APPLY_GOAL, CASCADE_GOAL = 60.0, 5.0, 1.2
WAIT_GOALS = {"p99.9": 25.0, "max": 50.0}
IDLE_GOAL = 1.5
GENERATIONS_GOAL, CHECKOUT_GOAL = 2.0, 1_000.0

GAPS_S = (0.1, 0.5)
CASCADE_GAPS_S = (0.2, 1.0)
MANY_AGENTS = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and how often."""

    sizes: tuple[int, ...] = (100, 1_000, 10_000)
    rounds: int = 150
    rounds_of_peers: int = 30
    rounds_of_many: int = 3
    largest_dynaconf: int = 100
    changes: int = 40
    cascades: int = 7
    paced_s: float = 20.0
    reads: int = 10_000_000
    idle_s: float = 20.0
    checkouts: int = 5
    files_of_checkout: int = 1_000


QUICK = Plan(
    sizes=(10, 100), rounds=3, rounds_of_peers=1, largest_dynaconf=10, changes=4, cascades=2, paced_s=1.0,
    reads=40_000, idle_s=1.0, checkouts=1, files_of_checkout=20,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Racer:
    """Who follows a folder, and how often it is measured."""

    name: str
    kind: str
    rounds: int
    missing: str = ""


@dataclass(slots=True)
class Bench:
    """A run: where its trees lie, how much it does, and what it found so far."""

    scratch: Scratch
    plan: Plan
    rows: list[Row] = field(default_factory=list)
    spreads: list[Spread] = field(default_factory=list)
    has_failures: bool = False
    random: Random = field(default_factory=lambda: Random(7))

    def tree(self, name: str, agents: int) -> Path:
        """A tree of one's own, to be changed at will."""
        tree = self.scratch.folder / f"live-{name.replace(' ', '-')}-{agents}"
        if not tree.exists():
            shutil.copytree(self.scratch.tree(agents), tree)
        return tree

    def talk(self, module: str, *arguments: str) -> Talk:
        return Talk(self.scratch.probe(module, module, *arguments))

    def note(self, work: Work, name: str, samples: Sequence[float], unit: str = "ms") -> Spread:
        spread = Spread(work, name, tuple(samples), unit)
        self.spreads.append(spread)
        return spread

    def limit(self, work: Work, figure: Figure, goal: float | None) -> None:
        self.rows.append(Row(work, figure, goal=goal))

    @contextmanager
    def attempt(self, work: Work) -> Iterator[None]:
        """What fails in here is a row that says why; the rest of the benchmark goes on."""
        print(" ".join(filter(None, work.cells())), file=sys.stderr, flush=True)
        try:
            yield
        except (Failed, OSError, subprocess.CalledProcessError) as error:
            self.rows.append(Row(work, problem=str(error)))
            self.has_failures = True


def run_all(bench: Bench) -> None:
    most = bench.plan.sizes[-1]
    races: list[tuple[str, int, Callable[[Bench, Work], None]]] = [
        *(("rename to served", agents, race_renames) for agents in bench.plan.sizes),
        ("parts of a reload", most, measure_parts),
        ("readers", most, measure_readers),
        ("idle", most, measure_idle),
        ("git checkout", most, race_checkouts),
    ]
    for name, agents, measure in races:
        work = Work(name, agents)
        with bench.attempt(work):
            measure(bench, work)


# -- one file after the other


def racers_for(plan: Plan, agents: int) -> list[Racer]:
    few = plan.rounds_of_many if agents >= MANY_AGENTS else plan.rounds_of_peers
    racers = [
        Racer(OURS, "agentconf", plan.rounds),
        Racer(BARE, "bare", plan.rounds),
        Racer(FULL, "full", few),
        Racer(FLAGD, "flagd", few, not_importable("openfeature")),
    ]
    if agents <= plan.largest_dynaconf:
        racers.append(Racer(DYNACONF, "dynaconf", few, not_importable("dynaconf")))
    return racers


def race_renames(bench: Bench, work: Work) -> None:
    agents = work.agents or 0
    racers = racers_for(bench.plan, agents)
    times = _times_of(bench, racers, agents)
    found = {name: bench.note(work, name, samples) for name, samples in times.items()}
    ours = found[OURS]
    for percent, goal in SERVED_GOALS.get(agents, {50.0: None, 99.0: None}).items():
        bench.limit(_of(work, f"p{percent:g}"), ours.figure(percent), goal)
    for racer in racers:
        if racer.missing:
            bench.rows.append(Row(work, problem=f"{racer.name}: {racer.missing}"))
        elif racer.name != OURS:
            bench.rows.append(_compared(_of(work, "p50"), ours, found[racer.name], racer.name == BARE))
    bench.rows.append(_compared(_of(work, "p99"), ours, found[BARE], has_goal=False))


def _of(work: Work, part: str) -> Work:
    return Work(f"{work.name}, {part}", work.agents)


def _compared(work: Work, ours: Spread, peer: Spread, has_goal: bool) -> Row:
    percent = float(work.name.rpartition("p")[2])
    ratio = ours.at(percent) / peer.at(percent)
    return Row(work, ours.figure(percent), peer.figure(percent), ratio, BARE_GOAL if has_goal else None)


def _times_of(bench: Bench, racers: Sequence[Racer], agents: int) -> dict[str, list[float]]:
    """Milliseconds from just before the rename to the first read of the new value."""
    entered = [racer for racer in racers if not racer.missing]
    writers = {racer.name: _writer(bench, racer, agents) for racer in entered}
    times: dict[str, list[float]] = {racer.name: [] for racer in entered}
    with ExitStack() as stack:
        talks = {
            racer.name: stack.enter_context(bench.talk("watcher", racer.kind, str(bench.tree(racer.name, agents))))
            for racer in entered
        }
        for number in range(max(racer.rounds for racer in entered)):
            turn = [racer.name for racer in entered if number < racer.rounds]
            bench.random.shuffle(turn)
            for name in turn:
                times[name].append(_time_once(bench, talks[name], writers[name], f"TRY-{number}"))
    return times


def _writer(bench: Bench, racer: Racer, agents: int) -> Writer:
    if racer.kind == "flagd":
        return Flags.of(bench.scratch.tree(agents), bench.scratch.folder / f"live-{FLAGD.replace(' ', '-')}-{agents}")
    return Yamls(bench.tree(racer.name, agents), is_last_alone=racer.kind == "dynaconf")


def _time_once(bench: Bench, talk: Talk, writer: Writer, mark: str) -> float:
    agent_id = bench.random.choice(writer.ids)
    rename = writer.prepared(agent_id, mark)
    talk.say("see", agent_id, mark)
    time.sleep(bench.random.uniform(*GAPS_S))
    renamed_at = rename()
    return float(talk.answer()["at"] - renamed_at) / 1e6


# -- the parts


def measure_parts(bench: Bench, work: Work) -> None:
    plan, agents = bench.plan, work.agents or 0
    tree = bench.tree("parts", agents)
    with bench.talk("apply", str(tree), str(plan.changes), str(plan.cascades)) as talk:
        taken = talk.answer()
    found = {name: bench.note(_of(work, name), OURS, samples) for name, samples in taken.items()}
    bench.limit(Work("scan of the whole tree, p50", agents), found["look at all"].figure(50), SCAN_GOAL)
    bench.limit(Work("apply one changed file, p50", agents), found["apply"].figure(50), APPLY_GOAL)
    reload, cold = found["cascade"], replace(found["cold"], name="cold resolve")
    ratio = reload.at(50) / cold.at(50)
    changed = Work("a root default changed, for all", agents)
    bench.rows.append(Row(changed, reload.figure(50), cold.figure(50), ratio, CASCADE_GOAL))


# -- those who read meanwhile


def measure_readers(bench: Bench, work: Work) -> None:
    agents = work.agents or 0
    tree = bench.tree("readers", agents)
    defaults = Defaults(tree)
    defaults.write(0)
    with bench.talk("readers", str(tree)) as talk:
        time.sleep(1.0)
        idle = talk.ask("paced", bench.plan.paced_s / 2)
        talk.say("paced", bench.plan.paced_s)
        busy = _answer_while_writing(bench, talk, defaults)
        talk.say("unpaced", bench.plan.reads)
        torn = _answer_while_writing(bench, talk, defaults)
    for share, goal in WAIT_GOALS.items():
        reading = Work(f"look-ups late while all reload, {share}", agents)
        mine, base = (Figure(name, one[share], "ms", int(one["n"])) for name, one in ((OURS, busy), ("idle", idle)))
        bench.rows += [Row(reading, mine, goal=goal), Row(reading, mine, base, mine.value / base.value)]
    passed = Work("generations meanwhile", agents)
    bench.limit(passed, Count(OURS, busy["generations"], "generations", int(busy["n"])), None)
    seen, reloads = (Count(OURS, torn[key], key, int(torn["reads"])) for key in ("torn", "generations"))
    bench.limit(Work("unpaced reads that saw two generations", agents), seen, 0.0)
    bench.limit(passed, reloads, None)


def _answer_while_writing(bench: Bench, talk: Talk, defaults: Defaults) -> Any:
    number = time.monotonic_ns()
    while not talk.has_answered(bench.random.uniform(*CASCADE_GAPS_S)):
        number += 1
        defaults.write(number)
    return talk.answer()


# -- nobody at all


def measure_idle(bench: Bench, work: Work) -> None:
    agents, seconds = work.agents or 0, bench.plan.idle_s
    with ExitStack() as stack:
        talks = {
            name: stack.enter_context(bench.talk("watcher", kind, str(bench.tree(name, agents))))
            for name, kind in ((OURS, "agentconf"), (BARE, "bare"))
        }
        time.sleep(min(seconds, 5.0))  # what was accepted is still being kept
        for talk in talks.values():
            talk.say("idle", seconds)
        ours, bare = (
            Figure(name, talk.answer()["percent"], "%", round(seconds)) for name, talk in talks.items()
        )  # fmt: skip
    busy = Work(f"CPU of an idle watch, {seconds:g} s", agents)
    bench.rows += [Row(busy, replace(ours, runs=1), goal=IDLE_GOAL)]
    bench.rows += [Row(busy, replace(ours, runs=1), replace(bare, runs=1), ours.value / bare.value)]


# -- many files at once


def race_checkouts(bench: Bench, work: Work) -> None:
    agents, plan = work.agents or 0, bench.plan
    found: dict[str, list[tuple[float, int]]] = {}
    for name, kind in ((OURS, "agentconf"), (BARE, "bare")):
        tree = bench.tree(f"{name} repository/agents.d", agents)
        repository = Repository.of(tree, plan.files_of_checkout)
        with bench.talk("watcher", kind, str(tree)) as talk:
            time.sleep(1.0)
            branches = [BRANCHES[1 - number % 2] for number in range(plan.checkouts)]
            found[name] = [repository.timed_checkout(talk, branch) for branch in branches]
    _note_checkouts(bench, work, found)


def _note_checkouts(bench: Bench, work: Work, found: dict[str, list[tuple[float, int]]]) -> None:
    files, agents = bench.plan.files_of_checkout, work.agents
    late = {name: bench.note(work, name, [one for one, _ in pairs]) for name, pairs in found.items()}
    most = {name: Count(name, max(swaps for _, swaps in pairs), "generations", len(pairs))
            for name, pairs in found.items()}  # fmt: skip
    served = Work(f"git checkout of {files:,} files, generations, most", agents)
    bench.rows.append(Row(served, most[OURS], goal=GENERATIONS_GOAL))
    bench.rows.append(Row(served, most[OURS], most[BARE], most[OURS].value / most[BARE].value))
    ended = Work(f"git checkout of {files:,} files, end to served, worst", agents)
    bench.rows.append(Row(ended, late[OURS].figure(100), goal=CHECKOUT_GOAL))
