"""`agentconf models lock`: the facts about the models in use, pinned."""

from __future__ import annotations

import json

import click

from agentconf.cli import console, options
from agentconf.cli.models.pinning import HasRefused, Pinning, pinning
from agentconf.cli.status import FOUND, GOOD
from agentconf.redact import printable


@click.command("lock")
@options.path_argument
@click.option("--check", is_flag=True, help="Write nothing; fail where the lock is not what would be written.")
@options.format_option("text", "json")
def command(path: str | None, check: bool, form: str) -> int:
    """Pin the facts about the models in use into _models.lock.json, so that CI needs no LiteLLM.

    The models are those of all agents in all environments, fallbacks and variants included. The facts are those of
    LiteLLM as it is installed here, with the parameters that it passes on; see also 'agentconf models update'.

    \b
    agentconf models lock
    agentconf models lock --check
    """
    try:
        found = pinning(path)
    except HasRefused:
        return FOUND
    was_current = found.is_current
    if not check and not was_current:
        found.write()
    console.write(_json(found, was_current, check) if form == "json" else _text(found, was_current, check))
    found.note_unknown()
    return FOUND if check and not was_current else GOOD


def _json(found: Pinning, was_current: bool, check: bool) -> str:
    lock = found.pinned.lock
    said = {
        "ok": was_current or not check,
        "file": found.file,
        "written": not check and not was_current,
        "litellm": lock.litellm,
        "digest": lock.digest,
        "models": sorted(lock.models),
        "added": list(found.moves.added),
        "removed": list(found.moves.removed),
        "moved": sorted({move.model for move in found.moves.changed}),
        "unknown": list(found.pinned.unknown),
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def _text(found: Pinning, was_current: bool, check: bool) -> str:
    lock, file = found.pinned.lock, printable(found.file)
    if was_current:
        return f"{file}: {_count(len(lock.models), 'model')}, by LiteLLM {lock.litellm}: current\n"
    if check:
        return f"{file}: {_why(found)}; run agentconf models lock\n"
    return f"wrote {file}: {_count(len(lock.models), 'model')}, by LiteLLM {lock.litellm} ({_why(found)})\n"


def _why(found: Pinning) -> str:
    """What is wrong with the lock that is there, or was."""
    if found.is_broken:
        return "the lock cannot be used"
    if found.old is None:
        return "there was no lock"
    moved = {move.model for move in found.moves.changed}
    said = [
        f"{word}: {', '.join(map(printable, sorted(models)))}"
        for word, models in (("new", found.moves.added), ("gone", found.moves.removed), ("moved", moved))
        if models
    ]
    return "; ".join(said) or f"from LiteLLM {found.old.litellm}"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
