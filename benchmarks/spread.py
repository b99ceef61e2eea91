"""Many samples of one thing, and how they are spread."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.table import Figure, Work, laid_out


@dataclass(frozen=True, slots=True)
class Spread:
    """All samples of one contender."""

    work: Work
    name: str
    samples: tuple[float, ...]
    unit: str = "ms"

    def at(self, percent: float) -> float:
        """The smallest sample that so many percent of all do not exceed; 100 for the greatest."""
        ordered = sorted(self.samples)
        return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]

    def figure(self, percent: float) -> Figure:
        return Figure(self.name, self.at(percent), self.unit, len(self.samples))

    def cells(self) -> list[str]:
        shown = [f"{self.at(percent):.1f}" for percent in (50, 99, 100)]
        return [*self.work.cells(), self.name, str(len(self.samples)), *shown, self.unit]


@dataclass(frozen=True, slots=True)
class Count(Figure):
    """A figure that is counted, not measured."""

    def __str__(self) -> str:
        return f"{self.value:.0f} {self.unit}"


def spreads_table(spreads: Iterable[Spread]) -> str:
    heads = ["work", "agents", "who", "n", "p50", "p99", "max", "unit"]
    return laid_out(heads, "lrlrrrrl", [spread.cells() for spread in spreads if spread.samples])
