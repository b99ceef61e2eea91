"""Usage for programs: CSV, or a JSON object a line, as `agentconf diff --usage` reads them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from agentconf.cli.budgets import Budgeted
from agentconf.runtime.usage.question import Key
from agentconf.runtime.usage.report import Report, Usage

KEYS: Final[tuple[Key, ...]] = ("agent", "environment", "model")
"""What every row has, whatever else it is counted up by: a cost belongs to a model."""


def as_json_lines(report: Report | None) -> str:
    """An object a line; nothing for no calls."""
    rows = report.rows if report is not None else ()
    return _json_lines([_row(usage) for usage in rows])


def as_csv(report: Report | None, by: tuple[Key, ...]) -> str:
    """A heading, and a line a group. What is unknown is empty."""
    rows = report.rows if report is not None else ()
    return _csv([*by, *_row(Usage({}))], [_row(usage) for usage in rows])


def budgets_as_json(budgets: Sequence[Budgeted]) -> str:
    """An object a line and budget."""
    return _json_lines([_budget(one) for one in budgets])


def budgets_as_csv(budgets: Sequence[Budgeted]) -> str:
    """A heading, and a line a budget."""
    names = ["agent", "environment", "usd", "per", "resets_at", "spent_usd", "calls_of_unknown_cost"]
    return _csv(names, [_budget(one) for one in budgets])


def _json_lines(rows: Sequence[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _csv(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue()


def _budget(one: Budgeted) -> dict[str, Any]:
    said = asdict(one)
    unpriced = said.pop("unpriced")
    return said | {"resets_at": one.resets_at.isoformat(), "spent_usd": _rounded(one.spent_usd, 9),
                   "calls_of_unknown_cost": unpriced}  # fmt: skip


def _row(usage: Usage) -> dict[str, Any]:
    tokens = usage.tokens
    return {
        **usage.key,
        "calls": usage.calls,
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cached_tokens": tokens.cached,
        "reasoning_tokens": tokens.reasoning,
        "tokens_estimated": tokens.is_estimated,
        "cost_usd": _rounded(usage.cost_usd, 9),
        "calls_of_unknown_cost": usage.unpriced,
        "failed": usage.failed,
        "error_rate": _rounded(usage.error_rate, 6),
        "fallbacks": usage.fallbacks,
        "fallback_share": _rounded(usage.fallback_share, 6),
        "p50_s": usage.p50_s,
        "p95_s": usage.p95_s,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
