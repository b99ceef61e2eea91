"""Changes by their cause: one edit is one entry, with all that it reaches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from agentconf.config.resolve import is_inherited_by_fallbacks
from agentconf.diff.change import Change
from agentconf.diff.entry import Entry
from agentconf.diff.fold import folded
from agentconf.keypath import KeyPath, parse, render


def grouped(changes: Iterable[Change]) -> list[Entry]:
    """The entries, the gravest first; of the same risk, those that reach most."""
    entries: dict[tuple[Any, ...], Entry] = {}
    listed = list(changes)
    plain = {(*_identity(change), change.key) for change in listed}
    for change in listed:
        key = _plain_key(change.key)
        if (*_identity(change), key) not in plain:
            key = change.key  # its own, and inherited from nobody
        whose = (change.agent, change.environment if change.agent is None else None)
        whose = whose if change.kind != "changed" else (str(change.agent is None), None)
        said = (change.cause, change.kind, key, _text(change.old), _text(change.new), whose)
        entry = entries.setdefault(said, Entry(change.cause, change.kind, key, change.old, change.new))
        _add(entry, change)
    return sorted(folded(entries.values()), key=Entry.order)


def _add(entry: Entry, change: Change) -> None:
    if change.key != entry.key and change.key is not None:
        entry.also.add(change.key)
    if change.agent is not None:
        names = entry.agents.setdefault(change.environment, [])
        if change.agent not in names[-1:]:
            names.append(change.agent)
    for meaning in change.meanings:
        entry.meanings[meaning] = entry.meanings.get(meaning, 0) + 1


def _plain_key(key: str | None) -> str | None:
    """The key of the primary for one that a fallback or a variant inherits."""
    if key is None or not key.startswith(("llm.fallbacks", "variants.")):
        return key
    try:
        path = parse(key)
    except ValueError:
        return key
    return render(_plain(path))


def _plain(path: KeyPath) -> KeyPath:
    if path[0] == "variants" and len(path) > 3 and path[2] == "llm":
        path = path[2:]
    if path[:2] == ("llm", "fallbacks") and len(path) == 4 and is_inherited_by_fallbacks(str(path[3])):
        path = ("llm", path[3])
    return path


def _identity(change: Change) -> tuple[Any, ...]:
    return (change.agent, change.environment, change.cause, _text(change.old), _text(change.new))


def _text(value: Any) -> Any:
    """What can be compared and hashed; a text by itself, which most values are, and is quickly had."""
    return value if value is None or isinstance(value, str) else (json.dumps(value, sort_keys=True, default=str),)
