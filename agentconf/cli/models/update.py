"""`agentconf models update`: which pinned facts have moved, and whom it touches, before anything is written."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from agentconf.catalogue.pin import Move
from agentconf.cli import console, options
from agentconf.cli.models.pinning import HasRefused, Pinning, pinning
from agentconf.cli.models.wording import percent, said
from agentconf.cli.status import FOUND, GOOD
from agentconf.redact import printable


@click.command("update")
@options.path_argument
@click.option("--write", is_flag=True, help="Write the new lock without asking.")
@options.format_option("text", "json")
def command(path: str | None, write: bool, form: str) -> int:
    """Show which facts of the lock are others by LiteLLM as it is installed here, and which agents they touch.

    Without --write, a terminal is asked, and nothing is written elsewhere.

    \b
    agentconf models update
    agentconf models update --format json | jq '.changes[].agents'
    agentconf models update --write
    """
    try:
        found = pinning(path)
    except HasRefused:
        return FOUND
    is_new = not found.is_current
    if form == "json":
        if is_new and write:
            found.write()
        console.write(_json(found, is_new and write))
    else:
        console.write(_text(found))
        if is_new and (write or _is_wanted()):
            found.write()
            console.write(f"wrote {printable(found.file)}\n")
        elif is_new:
            console.note("nothing was written; write it with --write")
    found.note_unknown()
    return GOOD


def _is_wanted() -> bool:
    """What the person at the terminal says; nobody is asked where there is none."""
    return console.is_terminal() and sys.stdin is not None and sys.stdin.isatty() and click.confirm("write it?")


def _json(found: Pinning, is_written: bool) -> str:
    told = {
        "file": found.file,
        "litellm": {"old": found.old.litellm if found.old else None, "new": found.pinned.lock.litellm},
        "added": [_named(found, model) for model in found.moves.added],
        "removed": [_named(found, model) for model in found.moves.removed],
        "changes": [
            {**_named(found, move.model), "key": move.key, "old": move.old, "new": move.new}
            for move in found.moves.changed
        ],
        "agents": _touched(found),
        "unknown": list(found.pinned.unknown),
        "written": is_written,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _named(found: Pinning, model: str) -> dict[str, Any]:
    return {"model": model, "agents": _agents(found, model)}


def _agents(found: Pinning, model: str) -> list[str]:
    return list(found.agents.get(model, ()))


def _touched(found: Pinning) -> list[str]:
    """The agents that use a model of which a fact has moved."""
    return sorted({agent for move in found.moves.changed for agent in _agents(found, move.model)})


def _text(found: Pinning) -> str:
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Pinning) -> Iterator[str]:
    moved: dict[str, list[Move]] = {}
    for move in found.moves.changed:
        moved.setdefault(move.model, []).append(move)
    for model, several in moved.items():
        yield f"{console.style(printable(model), bold=True)}: {_whom(found, model)}"
        width = max(len(move.key) for move in several)
        yield from (f"  {printable(move.key).ljust(width)}  {_change(move)}" for move in several)
    yield from (f"{printable(model)}: new; {_whom(found, model)}" for model in found.moves.added)
    yield from (f"{printable(model)}: no longer in use" for model in found.moves.removed)
    yield _summary(found, len(moved))


def _change(move: Move) -> str:
    if isinstance(move.old, list) and isinstance(move.new, list):
        gone = [f"-{name}" for name in move.old if name not in move.new]
        return printable(" ".join([*(f"+{name}" for name in move.new if name not in move.old), *gone]))
    text = f"{said(move.old)} -> {said(move.new)}"
    is_numbers = not isinstance(move.old, bool) and isinstance(move.old, int | float) and move.old
    if is_numbers and isinstance(move.new, int | float):
        text += f" ({percent((move.new - move.old) / move.old * 100)})"
    return printable(text)


def _whom(found: Pinning, model: str) -> str:
    return f"used by {', '.join(_agents(found, model)) or 'nobody'}"


def _summary(found: Pinning, models: int) -> str:
    old, new = found.old, found.pinned.lock
    versions = f"LiteLLM {old.litellm if old else '(no lock)'} -> {new.litellm}"
    if found.is_broken:
        versions = f"LiteLLM {new.litellm}; the lock that is there cannot be used"
    if found.is_current:
        return f"LiteLLM {new.litellm}: nothing has moved"
    facts, agents = len(found.moves.changed), len(_touched(found))
    return f"{versions}: facts moved {facts}, of models {models}, touching agents {agents}"
