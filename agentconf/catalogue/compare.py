"""Models side by side, and what one saves against another. What is unknown of either is unknown of the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from agentconf.catalogue.facts import Facts

INPUT_SHARE: Final = 3
"""A blended price counts three input tokens for one of output, as is usual for chats."""

_PLAIN: Final = (
    "mode", "max_input_tokens", "max_output_tokens", "input_per_million", "output_per_million",
    "cached_input_per_million", "retires", "successor", "regions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of several models. `change_percent` is from the first to the second of two numbers."""

    key: str
    values: tuple[Any, ...]
    change_percent: float | None = None

    @property
    def differs(self) -> bool:
        return any(value != self.values[0] for value in self.values)


@dataclass(frozen=True, slots=True)
class Saving:
    """What a model saves against another: in percent, and in US dollars per million tokens. Less than 0 costs more."""

    percent: float | None
    per_million: float


def compared(models: Sequence[Facts]) -> tuple[Row, ...]:
    """Every fact that is known of any of the models."""
    rows = [_row(key, [getattr(facts, key) for facts in models]) for key in _PLAIN]
    rows.insert(_PLAIN.index("cached_input_per_million") + 1, _row("blended_per_million", [*map(blended, models)]))
    named = sorted({name for facts in models for name in facts.capabilities})
    rows += [Row(f"capabilities.{name}", tuple(facts.has(name) for facts in models)) for name in named]
    return tuple(row for row in rows if any(value is not None for value in row.values))


def blended(facts: Facts) -> float | None:
    """The price of a million tokens of a usual chat; None where a price that it needs is unknown."""
    if facts.input_per_million is None or facts.output_per_million is None:
        return None
    total = INPUT_SHARE * facts.input_per_million + facts.output_per_million
    return round(total / (INPUT_SHARE + 1), 6)


def saving(reference: Facts, other: Facts) -> Saving | None:
    """What the other saves against the reference; None where a price is unknown, which is never cheaper."""
    before, after = blended(reference), blended(other)
    if before is None or after is None:
        return None
    percent = None if before == 0 else round((before - after) / before * 100, 1)
    return Saving(percent, round(before - after, 6))


def _row(key: str, values: list[Any]) -> Row:
    return Row(key, tuple(values), _change(values))


def _change(values: list[Any]) -> float | None:
    """From the first of two to the second, in percent; None where there is no such number."""
    if len(values) != 2 or not all(isinstance(value, int | float) for value in values) or values[0] == 0:
        return None
    change: float = (values[1] - values[0]) / values[0] * 100
    return round(change, 1)
