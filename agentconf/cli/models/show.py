"""`agentconf models show`: what is known of a model, and who uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import Final

import click

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.told import facts_json
from agentconf.cli import console, options
from agentconf.cli.models.opened import has_tree, open_catalogue, open_tree
from agentconf.cli.models.wording import price, retirement, said, this_day
from agentconf.cli.status import GOOD
from agentconf.redact import printable

_LABEL: Final = 14
_WIDTH: Final = 100


@click.command("show")
@options.model_argument
@options.path_option
@options.format_option("text", "json")
def command(model: str, path: str | None, form: str) -> int:
    """Show what is known of MODEL, as agents write it, and which agents use it in which environments.

    \b
    agentconf models show openai/gpt-4.1
    agentconf models show azure-eu/gpt-5.6 --format json
    """
    opened = open_catalogue(path)
    facts = opened.require(model)
    agents = _agents(path, model)
    if form == "json":
        told = {"model": model, "agents": agents, "facts": facts_json(facts, this_day())}
        console.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    else:
        console.write(_text(model, facts, agents))
    return GOOD


def _agents(path: str | None, model: str) -> dict[str, list[str | None]]:
    """Who uses the model, and where."""
    from agentconf.models_used import models_used

    if not has_tree(path):
        return {}
    uses = models_used(open_tree(path)[0]).uses
    return {agent: list(where) for use in uses if use.model == model for agent, where in use.agents.items()}


def _text(model: str, facts: Facts, agents: dict[str, list[str | None]]) -> str:
    lines = [console.style(printable(model), bold=True)]
    for label, text in _lines(facts):
        lines += wrap(text, _WIDTH, initial_indent=f"  {label.ljust(_LABEL)}", subsequent_indent=" " * (_LABEL + 2))
    lines.append(f"  {'used by'.ljust(_LABEL)}{'nobody' if not agents else ''}".rstrip())
    for agent, where in agents.items():
        named = ", ".join(name for name in where if name)
        lines.append(f"    {agent}{f' in {named}' if named else ''}")
    return "\n".join(lines) + "\n"


def _lines(facts: Facts) -> Iterator[tuple[str, str]]:
    known = sorted(facts.capabilities.items())
    yield "found", f"{_PLACES[facts.source]}, as {printable(facts.name)}"
    yield "mode", printable(said(facts.mode))
    yield "context", _with_unit(said(facts.max_input_tokens), "tokens")
    yield "output", _with_unit(said(facts.max_output_tokens), "tokens")
    yield "price in", _dollars(facts.input_per_million)
    yield "  cached", _dollars(facts.cached_input_per_million)
    yield "price out", _dollars(facts.output_per_million)
    yield "retires", retirement(facts.retires, this_day()) if facts.retires else "unknown"
    yield "successor", printable(said(facts.successor))
    yield "regions", printable(said(facts.regions))
    yield "can", printable(", ".join(name for name, can in known if can)) or "unknown"
    yield "cannot", printable(", ".join(name for name, can in known if not can)) or _rest(facts)
    yield "takes", printable(said(facts.parameters))


_PLACES = {"models": "in _models.yaml", "lock": "in the lock", "litellm": "in LiteLLM's file"}


def _rest(facts: Facts) -> str:
    return "anything else" if facts.lists_all_capabilities else "unknown"


def _dollars(per_million: float | None) -> str:
    if not per_million:
        return "unknown" if per_million is None else "free"
    return f"${price(per_million)} per million tokens"


def _with_unit(text: str, unit: str) -> str:
    return text if text == "unknown" else f"{text} {unit}"
