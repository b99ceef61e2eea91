"""Counts calls up where they lie: the database adds, and nothing is read row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.question import Key, Question
from agentconf.runtime.usage.report import Report, Usage
from agentconf.runtime.usage.tables import CALLS

NO_MODEL: Final = "none"
"""Stands for the model of a call that failed before there was one."""

_Group: TypeAlias = tuple[str | None, ...]
_Histogram: TypeAlias = list[tuple[int, int]]
"""How many calls took so many milliseconds, the quickest first."""

_C: Final = CALLS.c
_KEYS: Final[dict[Key, ColumnElement[Any]]] = {
    "agent": _C.agent,
    "environment": _C.environment,
    # what failed counts with the model that it was meant for; no parameter, since what is grouped by is repeated
    "model": func.coalesce(
        _C.model, func.nullif(_C.model_asked, literal_column("''")), literal_column(f"'{NO_MODEL}'")
    ),
    "day": _C.day,
    "variant": _C.variant,
}
_MS: Final = cast(_C.latency_s * literal_column("1000"), BigInteger)
_HAS_FAILED: Final = _C.error.is_not(None)
_IS_UNPRICED: Final = and_(_C.cost_usd.is_(None), or_(_C.error.is_(None), _C.input_tokens + _C.output_tokens > 0))


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


_SUMS: Final = (
    func.count().label("calls"),
    _how_many(_HAS_FAILED).label("failed"),
    _how_many(_C.model != _C.model_asked).label("fallbacks"),
    _how_many(_IS_UNPRICED).label("unpriced"),
    func.sum(_C.cost_usd).label("cost_usd"),
    func.sum(_C.input_tokens).label("input"),
    func.sum(_C.output_tokens).label("output"),
    func.sum(_C.cached_tokens).label("cached"),
    func.sum(_C.reasoning_tokens).label("reasoning"),
    _how_many(_C.is_estimated).label("estimated"),
)


def count_up(connection: Connection, question: Question) -> Report:
    """The report that answers a question."""
    rows = _usages(connection, question, question.by)
    whole = _usages(connection, question, ())
    others = select(func.count()).where(*_conditions(question), _C.is_own != question.is_own)
    first, last = connection.execute(
        select(func.min(_C.at), func.max(_C.at)).where(*_conditions(question), _C.is_own == question.is_own)
    ).one()
    total = whole[0] if whole else Usage({})
    return Report(_ordered(rows, question.by), total, first, last, connection.execute(others).scalar_one())


def _conditions(question: Question) -> list[ColumnElement[bool]]:
    asked: list[tuple[ColumnElement[Any], tuple[str, ...]]] = [
        (_C.environment, question.environments),
        (_C.agent, question.agents),
        (_C.tree, question.trees),
    ]
    found: list[ColumnElement[bool]] = [column.in_(names) for column, names in asked if names]
    if question.since is not None:
        found.append(_C.at >= question.since)
    if question.until is not None:
        found.append(_C.at < question.until)
    return found


def _usages(connection: Connection, question: Question, by: tuple[Key, ...]) -> list[Usage]:
    keys = [_KEYS[name].label(name) for name in by]
    which = [*_conditions(question), _C.is_own == question.is_own]
    latencies = _latencies(connection, keys, which)
    sums = connection.execute(select(*keys, *_SUMS).where(*which).group_by(*keys)).mappings()
    return [_usage(by, row, latencies) for row in sums if row["calls"]]


def _latencies(
    connection: Connection, keys: Sequence[ColumnElement[Any]], which: Sequence[ColumnElement[bool]]
) -> dict[_Group, _Histogram]:
    asked = select(*keys, _MS.label("ms"), func.count().label("calls")).where(*which, ~_HAS_FAILED)
    found: dict[_Group, _Histogram] = {}
    for *group, ms, calls in connection.execute(asked.group_by(*keys, _MS).order_by(_MS)):
        found.setdefault(tuple(group), []).append((int(ms), int(calls)))
    return found


def _usage(by: tuple[Key, ...], row: RowMapping, latencies: dict[_Group, _Histogram]) -> Usage:
    key: dict[str, str | None] = {name: row[name] for name in by}
    histogram = latencies.get(tuple(key.values()), [])
    tokens = [int(row[name]) for name in ("input", "output", "cached", "reasoning")]
    return Usage(
        key=key,
        calls=int(row["calls"]),
        failed=int(row["failed"]),
        fallbacks=int(row["fallbacks"]),
        unpriced=int(row["unpriced"]),
        cost_usd=None if row["cost_usd"] is None else float(row["cost_usd"]),
        tokens=Tokens(tokens[0], tokens[1], tokens[2], tokens[3], bool(row["estimated"])),
        p50_s=_percentile(histogram, 0.5),
        p95_s=_percentile(histogram, 0.95),
    )


def _percentile(histogram: _Histogram, share: float) -> float | None:
    """The nearest rank: a latency that a call really had."""
    rank = math.ceil(share * sum(calls for _, calls in histogram))
    for ms, calls in histogram:
        rank -= calls
        if rank <= 0:
            return ms / 1000
    return None


def _ordered(rows: list[Usage], by: tuple[Key, ...]) -> list[Usage]:
    def names(usage: Usage) -> list[str]:
        return [value or "" for value in usage.key.values()]

    if "day" in by:
        return sorted(rows, key=lambda usage: (usage.key["day"] or "", names(usage)))
    return sorted(rows, key=lambda usage: (-(usage.cost_usd or 0.0), -usage.calls, names(usage)))
