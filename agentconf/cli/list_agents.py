"""`agentconf list`: the agents of a tree."""

from __future__ import annotations

import json
from typing import Any

import click

from agentconf.cli import console, options
from agentconf.cli.agents import read_agents
from agentconf.cli.status import FOUND, GOOD
from agentconf.config.resolve import Resolved
from agentconf.redact import printable
from agentconf.snapshot.wire import primary_of

_COLUMNS = ("id", "model", "owner", "tags", "file")


@click.command("list")
@options.path_argument
@options.environment_option
@options.format_option("text", "json")
def command(path: str | None, environment: str | None, form: str) -> int:
    """List the agents, as resolved in one environment.

    \b
    agentconf list -e prod
    agentconf list --format json
    """
    agents = read_agents(path, environment)
    rows = [_row(agent) for _, agent in sorted(agents.resolved.items())]
    console.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n" if form == "json" else _table(rows))
    return FOUND if agents.note_refused() else GOOD


def _row(agent: Resolved) -> dict[str, Any]:
    config = agent.config
    model = (primary_of(config) or {}).get("model")
    return {
        "id": agent.id,
        "name": config.get("name"),
        "owner": config.get("owner"),
        "tags": config.get("tags", []),
        "enabled": agent.enabled,
        "file": agent.file,
        "environment": agent.environment,
        "model": model,
        "provider": model.partition("/")[0] if model else None,
    }


def _table(rows: list[dict[str, Any]]) -> str:
    """Columns as wide as they need be; a disabled agent says so."""
    if not rows:
        return "no agents\n"
    cells = [_COLUMNS, *(tuple(_cell(row, column) for column in _COLUMNS) for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(_COLUMNS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([console.style(lines[0], bold=True), *lines[1:], ""])


def _cell(row: dict[str, Any], column: str) -> str:
    if column == "id" and not row["enabled"]:
        return f"{row['id']} (disabled)"
    value = row[column]
    text = ", ".join(value) if isinstance(value, list) else value or "-"
    return printable(text)
