"""`agentconf models list`: the models in use, or all that are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import click

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.families import family
from agentconf.catalogue.told import facts_json
from agentconf.cli import console, options
from agentconf.cli.models.capability import capability_option
from agentconf.cli.models.opened import INSTALL, Opened, note_refused, open_catalogue, open_tree
from agentconf.cli.models.wording import FACT_COLUMNS, UNKNOWN, fact_cells, this_day
from agentconf.cli.status import FOUND, GOOD
from agentconf.cli.tables import Column, table


@dataclass(frozen=True, slots=True)
class _Row:
    model: str
    facts: Facts | None
    agents: dict[str, tuple[str | None, ...]]

    def as_json(self, today: date) -> dict[str, Any]:
        agents = {agent: list(where) for agent, where in self.agents.items()}
        return {"model": self.model, "agents": agents, "facts": facts_json(self.facts, today)}


@dataclass(frozen=True, slots=True)
class _Filter:
    """What was asked for. What is unknown of a model was not."""

    providers: tuple[str, ...]
    capabilities: tuple[str, ...]
    mode: str | None

    def takes_provider(self, model: str, types: dict[str, str | None]) -> bool:
        """By the name that the tree gives to it, or by LiteLLM's."""
        wanted = {*self.providers, *(family(types.get(name) or name) for name in self.providers)}
        return not wanted or model.partition("/")[0] in wanted

    def takes(self, facts: Facts | None) -> bool:
        if facts is None:
            return self.mode is None and not self.capabilities
        return self.mode in {None, facts.mode} and all(facts.has(name) for name in self.capabilities)


@click.command("list")
@options.path_argument
@options.within_option
@click.option("--all", "every", is_flag=True, help="All models that are known, in use or not.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Of this provider; may be repeated.")
@capability_option("With this one; may be repeated.")
@click.option("--mode", metavar="MODE", help="Such as chat or embedding.")
@options.format_option("text", "json")
def command(
    path: str | None,
    environments: tuple[str, ...],
    every: bool,
    providers: tuple[str, ...],
    capabilities: tuple[str, ...],
    mode: str | None,
    form: str,
) -> int:
    """List the models in use, in all environments, fallbacks and variants included; or all that are known.

    \b
    agentconf models list
    agentconf models list -e prod --format json
    agentconf models list --all --provider mistral --capability vision
    """
    kept = _Filter(providers, capabilities, mode)
    count = 0
    if every:
        opened = open_catalogue(path)
        rows = list(_known(opened, kept))
    else:
        rows, count, opened = _in_use(path, environments, kept)
    today = this_day()
    if form == "json":
        console.write(json.dumps([row.as_json(today) for row in rows], indent=2, ensure_ascii=False) + "\n")
    else:
        console.write(_table(rows, every, today) or "no models\n")
    if any(row.facts is None for row in rows) or not rows:
        _note_empty(opened)
    return FOUND if count else GOOD


def _known(opened: Opened, kept: _Filter) -> Iterator[_Row]:
    for name in sorted(opened.catalogue.names()):
        if kept.takes_provider(name, opened.types):
            facts = opened.find(name)
            if facts is not None and kept.takes(facts):
                yield _Row(name, facts, {})


def _in_use(path: str | None, environments: tuple[str, ...], kept: _Filter) -> tuple[list[_Row], int, Opened]:
    """The rows, and how many agents have errors and so are in none."""
    from agentconf.models_used import models_used

    draft, opened = open_tree(path)
    used = models_used(draft, environments or None)
    rows = []
    for use in used.uses:
        facts = opened.catalogue.find(use.model, use.declared)
        if kept.takes(facts) and kept.takes_provider(use.model, {}):
            rows.append(_Row(use.model, facts, dict(use.agents)))
    note_refused(len(used.refused))
    return rows, len(used.refused), opened


def _table(rows: list[_Row], every: bool, today: date) -> str:
    middle = Column("mode") if every else Column("agents", "right")
    columns = (Column("model"), middle, *FACT_COLUMNS, Column("from"))
    cells = [
        (
            row.model,
            ((row.facts.mode if row.facts else None) or UNKNOWN) if every else str(len(row.agents)),
            *fact_cells(row.facts, today),
            _SOURCES[row.facts.source] if row.facts else UNKNOWN,
        )
        for row in rows
    ]
    return table(columns, cells)


_SOURCES = {"models": "_models.yaml", "lock": "lock", "litellm": "LiteLLM"}


def _note_empty(opened: Opened) -> None:
    if opened.catalogue.is_empty:
        console.note(f"there is no lock, and LiteLLM is not installed: little is known ({INSTALL})")
