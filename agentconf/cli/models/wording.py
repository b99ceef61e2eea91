"""Facts as people and programs read them. What is unknown is `?` in a table, and null in JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from agentconf.catalogue.facts import Facts
from agentconf.cli.tables import Column

UNKNOWN: Final = "?"
FACT_COLUMNS: Final = (
    Column("context", "right"),
    Column("output", "right"),
    Column("in $/M", "decimal"),
    Column("out $/M", "decimal"),
    Column("retires"),
)
"""What a table shows of each model, in the order of `fact_cells`."""


def this_day() -> date:
    """Today, as the dates of the catalogue have it."""
    return datetime.now(UTC).date()


def fact_cells(facts: Facts | None, today: date) -> tuple[str, ...]:
    if facts is None:
        return (UNKNOWN,) * len(FACT_COLUMNS)
    return (
        tokens(facts.max_input_tokens),
        tokens(facts.max_output_tokens),
        price(facts.input_per_million),
        price(facts.output_per_million),
        retirement(facts.retires, today),
    )


def tokens(count: int | None) -> str:
    return UNKNOWN if count is None else f"{count:,}"


def price(dollars: float | None) -> str:
    """Two digits behind the point, and more where there are more."""
    if dollars is None:
        return UNKNOWN
    short = f"{dollars:,.2f}"
    return short if round(dollars, 2) == dollars else f"{dollars:,.6f}".rstrip("0")


def retirement(day: date | None, today: date) -> str:
    if day is None:
        return UNKNOWN
    left = (day - today).days
    said = "today" if left == 0 else f"in {_days(left)}" if left > 0 else f"{_days(-left)} ago"
    return f"{day.isoformat()} ({said})"


def percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:+.0f}%"


def said(value: Any) -> str:
    """Any fact on one line."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset | list | tuple):
        return ", ".join(sorted(value)) or "none"
    return value.isoformat() if isinstance(value, date) else f"{value:,}" if isinstance(value, int) else str(value)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count:,} days"
