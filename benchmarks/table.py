"""Rows of what was measured: agentconf's figure, a peer's, their ratio, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.ruler import Timing


@dataclass(frozen=True, slots=True)
class Work:
    """What was done, and on how many agents."""

    name: str
    agents: int | None = None

    def cells(self) -> list[str]:
        return [self.name, f"{self.agents:,}" if self.agents is not None else ""]


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: float
    unit: str
    runs: int

    def __str__(self) -> str:
        digits = 2 if self.unit == "s" else 1 if self.value < 100 else 0
        return f"{self.value:.{digits}f} {self.unit}"


def wall(timing: Timing) -> Figure:
    """The median time, in the unit in which it is short."""
    if timing.seconds < 1:
        return Figure(timing.name, timing.seconds * 1_000, "ms", len(timing.samples))
    return Figure(timing.name, timing.seconds, "s", len(timing.samples))


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. Without a peer the goal is for the figure itself; a problem says why there is none."""

    work: Work
    ours: Figure | None = None
    peer: Figure | None = None
    ratio: float | None = None
    goal: float | None = None
    problem: str = ""

    def cells(self) -> list[str]:
        if self.ours is None:
            return [*self.work.cells(), "", "", "", self._goal(), f"not measured: {self.problem}"]
        ours = f"{self.ours} {self._runs(self.ours)}"
        peer = f"{self.peer.name} {self.peer}" if self.peer else ""
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else ""
        return [*self.work.cells(), ours, peer, ratio, self._goal(), self._reached(self.ours)]

    def _runs(self, ours: Figure) -> str:
        if self.peer is None or self.peer.runs == ours.runs:
            return f"(n={ours.runs})"
        return f"(n={ours.runs}/{self.peer.runs})"

    def _goal(self) -> str:
        unit = f" {self.ours.unit}" if self.ours and not self.peer else ""
        return f"≤ {self.goal:g}{unit}" if self.goal is not None else ""

    def _reached(self, ours: Figure) -> str:
        if self.goal is None:
            return ""
        measured = self.ratio if self.ratio is not None else ours.value
        return "yes" if measured <= self.goal else "**no**"


@dataclass(frozen=True, slots=True)
class Entry:
    """One contender's timing, for the table of everything that ran."""

    work: Work
    timing: Timing

    def cells(self) -> list[str]:
        timing = self.timing
        figures = [str(wall(timing)), f"{timing.cpu_s:.2f}", f"{timing.peak_mib:.0f}"]
        return [*self.work.cells(), timing.name, str(len(timing.samples)), *figures]


@dataclass(slots=True)
class Book:
    """Collects what a run of the benchmark finds."""

    rows: list[Row] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def keep(self, work: Work, timings: Mapping[str, Timing]) -> None:
        self.entries += [Entry(work, timing) for timing in timings.values()]

    def compare(self, work: Work, ours: Timing, peer: Timing, goal: float | None = None) -> None:
        """Add the row of two timings of one race."""
        for timing in (ours, peer):
            if timing.problem:
                self.rows.append(Row(work, goal=goal, problem=f"{timing.name}: {timing.problem}"))
                return
        self.rows.append(Row(work, wall(ours), wall(peer), ours.seconds / peer.seconds, goal))

    @property
    def has_failures(self) -> bool:
        """Whether something failed that is here to run; a peer that is not installed is no failure."""
        return any(entry.timing.problem and not entry.timing.skipped for entry in self.entries)


def comparisons(rows: Iterable[Row]) -> str:
    heads = ["work", "agents", "agentconf", "beside", "ratio", "goal", "reached"]
    return laid_out(heads, "lrllrll", [row.cells() for row in rows])


def everything(entries: Iterable[Entry]) -> str:
    heads = ["work", "agents", "contender", "n", "median", "cpu s", "peak MiB"]
    return laid_out(heads, "lrlrrrr", [entry.cells() for entry in entries if entry.timing.samples])


def laid_out(heads: Sequence[str], sides: str, rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; `sides` says of each column whether it is set to the left or the right."""
    lines = [heads, ["---:" if side == "r" else "---" for side in sides], *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)
