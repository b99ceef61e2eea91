"""`agentconf explain`: why a value is what it is."""

from __future__ import annotations

import json
from typing import Any

import click

from agentconf.cli import console, options
from agentconf.cli.agents import Agents, HasErrors, read_agents
from agentconf.cli.blamed import Blames, blames, short, with_blames
from agentconf.cli.status import FOUND, GOOD
from agentconf.config.resolve import Resolved
from agentconf.keypath import KeyPath, parse
from agentconf.live.machine import chosen_folder
from agentconf.redact import printable
from agentconf.snapshot.explanation import Explanation, LayerValue, explain, leaf_paths

_LONGEST = 60


@click.command("explain")
@options.agent_argument
@options.key_argument
@options.path_option
@options.environment_option
@options.format_option("text", "json")
def command(agent: str, key: str | None, path: str | None, environment: str | None, form: str) -> int:
    """Say why a value of AGENT is what it is: every layer that spoke, its file and line, and which one won.

    Without KEY, every value with the layer that won. In a git repository each line is told with its commit.

    \b
    agentconf explain code-assistant llm.temperature -e prod
    agentconf explain code-assistant
    """
    agents = read_agents(path, environment)
    try:
        resolved = agents.agent(agent)
    except HasErrors:
        return FOUND
    if key is not None:
        one = explain(agents.resolver, resolved, parse(key))
        known = blames(agents.draft.tree, chosen_folder(path), one)
        console.write(_json(with_blames(one.as_json(), known)) if form == "json" else _told(one, known))
        return GOOD
    every = [explain(agents.resolver, resolved, leaf) for leaf in _leaves(agents, resolved)]
    console.write(_json([one.as_json() for one in every]) if form == "json" else _table(every))
    return GOOD


def _leaves(agents: Agents, resolved: Resolved) -> list[KeyPath]:
    return leaf_paths(resolved.config)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _told(one: Explanation, known: Blames) -> str:
    where = f" in {one.environment}" if one.environment else ""
    said = "nothing is sent for it" if one.value is None else _short(one.value)
    rows = [
        (layer.layer, _place(layer), "cleared (null)" if layer.cleared else _short(layer.value)) for layer in one.layers
    ]
    widths = [max((len(row[index]) for row in rows), default=0) for index in range(2)]
    lines = [f"{one.agent}{where}: {console.style(printable(one.key), bold=True)} = {said}"]
    for layer, (name, place, value) in zip(one.layers, rows, strict=True):
        line = f"{'>' if layer.wins else ' '} {name.ljust(widths[0])}  {place.ljust(widths[1])}  {value}"
        lines.append(console.style(line, fg="green") if layer.wins else line)
        who = short(known.get((layer.file or "", layer.line or 0)))
        lines += [console.style(f"    {' ' * widths[0]}{who}", dim=True)] if who else []
    return "\n".join([*lines, ""])


def _table(every: list[Explanation]) -> str:
    rows = [(printable(one.key), _short(one.value), _winner(one)) for one in every]
    widths = [max((len(row[index]) for row in rows), default=0) for index in range(2)]
    return "".join(f"{key.ljust(widths[0])}  {value.ljust(widths[1])}  {winner}\n" for key, value, winner in rows)


def _winner(one: Explanation) -> str:
    layer = one.winner
    return f"{layer.layer} {_place(layer)}".rstrip() if layer else ""


def _place(layer: LayerValue) -> str:
    return printable(f"{layer.file}:{layer.line}:{layer.column}") if layer.file else ""


def _short(value: Any) -> str:
    text = printable(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
