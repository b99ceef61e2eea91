"""What `doctor` found, as JSON and for people: a table, and below it each reason once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from agentconf.cli import console
from agentconf.cli.tables import Column, table
from agentconf.redact import printable, without_keys
from agentconf.runtime.doctor.examination import Row
from agentconf.runtime.doctor.listing import address_of, shown_address
from agentconf.runtime.doctor.outcome import Outcome
from agentconf.snapshot.snapshot import Snapshot

_TRIALS: Final = ("secret", "address", "listed", "call")
_OF_CONNECTION: Final = ("secret", "address")
_NAMED: Final = 3


def as_json(rows: Sequence[Row], snapshots: Sequence[Snapshot], *, is_live: bool) -> dict[str, Any]:
    refused = [
        {"agent": agent, "environment": snapshot.environment}
        for snapshot in snapshots
        for agent in sorted(snapshot.refused)
    ]
    return {
        "ok": not refused and not any(row.is_failed for row in rows),
        "live": is_live,
        "environments": [snapshot.environment for snapshot in snapshots],
        "refused": refused,
        "rows": [_row_json(row) for row in rows],
    }


def as_text(rows: Sequence[Row]) -> str:
    if not rows:
        return "no models\n"
    columns = [Column(name) for name in ("agent", "environment", "model", *_TRIALS)]
    cells: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        states = (outcome.state for outcome in row.outcomes)
        cells.setdefault((row.use.agent.id, row.use.entry.model or "", *states), []).append(_environment(row))
    lines = [(agent, _some(where), *rest) for (agent, *rest), where in cells.items()]
    return "\n".join([table(columns, lines), *_reasons(rows), _summary(rows), ""])


def _row_json(row: Row) -> dict[str, Any]:
    reach = row.use.target.reach
    address = address_of(reach)
    return {
        "ok": not row.is_failed,
        "agent": row.use.agent.id,
        "environment": row.use.agent.environment,
        "key": row.use.key,
        "model": row.use.entry.model,
        "provider": reach.name,
        "api_base": None if address is None else without_keys(shown_address(address)),
        **{name: outcome.as_json() for name, outcome in zip(_TRIALS, row.outcomes, strict=True)},
    }


def _reasons(rows: Iterable[Row]) -> list[str]:
    """Each reason once, with what it is about and who is touched."""
    told: dict[tuple[str, str, Outcome], list[str]] = {}
    for row in rows:
        for name, outcome in zip(_TRIALS, row.outcomes, strict=True):
            if outcome.said is not None and outcome.state != "ok":
                told.setdefault((_about(row, name), name, outcome), []).append(row.use.agent.id)
    return [
        printable(f"{about}: {name} {outcome.state}: {outcome.said} ({_some(agents)})")
        for (about, name, outcome), agents in sorted(told.items(), key=lambda one: not one[0][2].is_failed)
    ] + ([""] if told else [])


def _about(row: Row, trial: str) -> str:
    if trial not in _OF_CONNECTION:
        return row.use.entry.model or ""
    reach = row.use.target.reach
    address = address_of(reach)
    return reach.name if address is None else f"{reach.name} at {without_keys(shown_address(address))}"


def _summary(rows: Sequence[Row]) -> str:
    reaches = {row.use.target.reach for row in rows}
    targets = {row.use.target for row in rows}
    failing = {row.use.agent.id for row in rows if row.is_failed}
    said = f"tried {_count(len(reaches), 'connection')} and {_count(len(targets), 'model')} of "
    said += _count(len({row.use.agent.id for row in rows}), "agent")
    if not failing:
        return console.style(f"{said}: nothing fails", fg="green")
    return console.style(f"{said}: something fails for {_count(len(failing), 'agent')}", fg="red")


def _environment(row: Row) -> str:
    return row.use.agent.environment or "-"


def _some(names: Iterable[str]) -> str:
    every = list(dict.fromkeys(names))
    more = len(every) - _NAMED
    return ", ".join(every[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
