"""Usage for people: a table, and bars where somebody looks at a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Final

from click import unstyle

from agentconf.cli import console
from agentconf.cli.budgets import Budgeted
from agentconf.cli.moments import shown
from agentconf.cli.tables import Column, table
from agentconf.runtime.usage.question import Key
from agentconf.runtime.usage.report import Report, Usage

_BAR: Final = 16
_GAP: Final = 2
_NUMBERS: Final = (
    Column("calls", "right"),
    Column("input", "right"),
    Column("output", "right"),
    Column("cost $", "right"),
    Column("p50 s", "right"),
    Column("p95 s", "right"),
    Column("errors", "right"),
    Column("fallbacks", "right"),
)
_BUDGET: Final = (
    Column("agent"),
    Column("environment"),
    Column("budget $", "right"),
    Column("per"),
    Column("spent $", "right"),
    Column("share", "right"),
    Column("next period begins, UTC"),
)


def as_text(report: Report, by: tuple[Key, ...]) -> str:
    """The groups, all of them together, and what the signs stand for."""
    columns = [*(Column(name) for name in by), *_NUMBERS]
    rows = [[*_key(usage), *_cells(usage)] for usage in report.rows]
    if len(rows) > 1:
        rows.append([*("total" if name == by[0] else "" for name in by), *_cells(report.total)])
    if _has_room_for_bars(columns, rows):
        columns.append(Column(""))
        _add_bars(rows, report.rows)
    return f"{_period(report)}\n{table(columns, rows)}{_signs(report.total)}"


def budgets_as_text(budgets: Sequence[Budgeted]) -> str:
    """What the budgets allow, and what is spent of each; nothing where there is none."""
    columns = list(_BUDGET)
    rows = [_budget(one) for one in budgets]
    if _has_room_for_bars(columns, rows):
        columns.append(Column(""))
        for row, one in zip(rows, budgets, strict=True):
            row.append(_bar(one.share))
    return table(columns, rows)


def budgets_in_use_as_text(budgets: Sequence[Budgeted]) -> str:
    """Those of which something is spent, and how many others there are."""
    used = [one for one in budgets if one.spent_usd or one.unpriced]
    rest = len(budgets) - len(used)
    said = "1 budget is" if rest == 1 else f"{rest} budgets are"
    return (f"\n{budgets_as_text(used)}" if used else "") + (
        f"{said} untouched in the period that is under way; see --by budget\n" if rest else ""
    )


def dollars(value: float) -> str:
    """Two digits behind the point; four where there would be nothing else to see."""
    return f"{value:,.2f}" if value >= 1 or value == 0 else f"{value:,.4f}"


def _key(usage: Usage) -> list[str]:
    return [value or "-" for value in usage.key.values()]


def _cells(usage: Usage) -> list[str]:
    about = "~" if usage.tokens.is_estimated else ""
    return [
        f"{usage.calls:,}",
        f"{about}{usage.tokens.input:,}",
        f"{about}{usage.tokens.output:,}",
        _cost(usage.cost_usd, usage.unpriced),
        _seconds(usage.p50_s),
        _seconds(usage.p95_s),
        _share(usage.error_rate),
        _share(usage.fallback_share),
    ]


def _cost(cost_usd: float | None, unpriced: int) -> str:
    """What is known, and that something is not: a cost that nobody knows is not 0."""
    if cost_usd is None:
        return "?" if unpriced else "-"
    return f"{dollars(cost_usd)} + ?" if unpriced else dollars(cost_usd)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _share(value: float) -> str:
    """A per cent with a digit; what is not nothing is not shown as nothing."""
    return "-" if value == 0 else "<0.1%" if value < 0.001 else f"{value:.1%}"


def _has_room_for_bars(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> bool:
    """Whether somebody looks at a terminal in which no line would be broken for them."""
    if not console.is_terminal():
        return False
    lines = unstyle(table(columns, rows)).splitlines()
    return max(map(len, lines), default=0) + _GAP + _BAR <= shutil.get_terminal_size().columns


def _add_bars(rows: list[list[str]], usages: Sequence[Usage]) -> None:
    """By cost; where nobody knows any, by calls."""
    by_cost = [usage.cost_usd or 0.0 for usage in usages]
    sizes = by_cost if any(by_cost) else [float(usage.calls) for usage in usages]
    for row, size in zip(rows, [*sizes, *[0.0] * (len(rows) - len(sizes))], strict=True):
        row.append(_bar(size / max(sizes), is_framed=False))


def _bar(share: float, *, is_framed: bool = True) -> str:
    """Full at 1. Blocks of eighths where the terminal has them."""
    eighths = round(min(max(share, 0.0), 1.0) * _BAR * 8)
    text = "█" * (eighths // 8) + ("▏▎▍▌▋▊▉"[eighths % 8 - 1] if eighths % 8 else "")
    return f"{text:·<{_BAR}}" if is_framed else text


def _period(report: Report) -> str:
    if report.first is None or report.last is None:
        return ""
    return f"calls from {shown(report.first)} to {shown(report.last)} UTC"


def _signs(total: Usage) -> str:
    lines = []
    if total.unpriced:
        count = "1 call" if total.unpriced == 1 else f"{total.unpriced:,} calls"
        lines.append(f"? the cost of {count} is not known, and not counted; see 'agentconf models show'")
    if total.tokens.is_estimated:
        lines.append("~ some of these tokens are estimated, since the provider did not say how many there were")
    return "".join(f"{line}\n" for line in lines)


def _budget(one: Budgeted) -> list[str]:
    share = f"{one.share:.0%}" if one.share >= 0.01 or not one.spent_usd else "<1%"
    return [
        one.agent, one.environment or "-", dollars(one.usd), one.per, _cost(one.spent_usd, one.unpriced), share,
        one.resets_at.strftime("%Y-%m-%d %H:%M"),
    ]  # fmt: skip
