"""`agentconf models compare`: models side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from agentconf.catalogue.compare import Row, compared
from agentconf.catalogue.told import facts_json
from agentconf.cli import console, options
from agentconf.cli.models.opened import open_catalogue
from agentconf.cli.models.wording import percent, price, retirement, said, this_day
from agentconf.cli.status import GOOD
from agentconf.cli.tables import Column, table

_LABELS = {
    "max_input_tokens": "context",
    "max_output_tokens": "output",
    "input_per_million": "input $/M",
    "output_per_million": "output $/M",
    "cached_input_per_million": "cached input $/M",
    "blended_per_million": "blended $/M",
}


@click.command("compare")
@options.models_argument
@options.path_option
@click.option("--differences", is_flag=True, help="Only what is not the same.")
@options.format_option("text", "json")
def command(models: tuple[str, ...], path: str | None, differences: bool, form: str) -> int:
    """Put models side by side, as agents write them. The blended price is that of three tokens in for one out.

    \b
    agentconf models compare openai/gpt-4.1 openai/gpt-4.1-mini
    agentconf models compare anthropic/claude-sonnet-4-6 openai/gpt-5.6 gemini/gemini-2.5-pro --differences
    """
    if len(models) < 2:
        raise click.UsageError("give at least two models")
    opened = open_catalogue(path)
    found = [opened.require(model) for model in models]
    rows = [row for row in compared(found) if row.differs or not differences]
    if form == "json":
        today = this_day()
        told = {
            "models": [
                {"model": model, "facts": facts_json(facts, today)} for model, facts in zip(models, found, strict=True)
            ],
            "rows": [_row_json(row) for row in rows],
        }
        console.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    else:
        console.write(_table(models, rows))
    return GOOD


def _row_json(row: Row) -> dict[str, Any]:
    values = [json.loads(json.dumps(value, default=_plain)) for value in row.values]
    return {"key": row.key, "values": values, "differs": row.differs, "change_percent": row.change_percent}


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else value.isoformat()


def _table(models: Sequence[str], rows: Sequence[Row]) -> str:
    columns = [Column(""), *(Column(model, "right") for model in models)]
    has_change = len(models) == 2
    lines = []
    for row in rows:
        label = _LABELS.get(row.key, row.key.removeprefix("capabilities."))
        change = [percent(row.change_percent) if row.change_percent else ""] if has_change else []
        lines.append([label, *(_cell(row.key, value) for value in row.values), *change])
    return table([*columns, *([Column("change", "right")] if has_change else [])], lines) or "no difference\n"


def _cell(key: str, value: Any) -> str:
    if value is not None and key.endswith("_per_million"):
        return price(value)
    return retirement(value, this_day()) if value is not None and key == "retires" else said(value)
