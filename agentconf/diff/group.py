"""Changes by their cause: one edit is one entry, with all that it reaches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from agentconf.config.resolve import is_inherited_by_fallbacks
from agentconf.diff.change import RISKS, Cause, Change, Kind, Meaning, Risk, worst
from agentconf.keypath import KeyPath, parse, render


@dataclass(slots=True)
class Entry:
    """The same change of the same value by the same line. `agents` are by environment.

    `also` are keys that follow it: a fallback inherits from the primary, a variant from both.
    """

    cause: Cause | None
    kind: Kind
    key: str | None
    old: Any
    new: Any
    agents: dict[str | None, list[str]] = field(default_factory=dict)
    meanings: dict[Meaning, int] = field(default_factory=dict)
    also: set[str] = field(default_factory=set)

    @property
    def risk(self) -> Risk:
        return worst(meaning.risk for meaning in self.meanings)

    @property
    def names(self) -> list[str]:
        """The agents that it reaches, each once."""
        return sorted({name for names in self.agents.values() for name in names})

    def ordered_meanings(self) -> list[tuple[Meaning, int]]:
        """The gravest first, with the number of agents and environments of each."""
        return sorted(self.meanings.items(), key=lambda item: (RISKS.index(item[0].risk), item[0].kind, item[0].text))

    def order(self) -> tuple[Any, ...]:
        cause = (self.cause.file, self.cause.line) if self.cause else ("", 0)
        return (RISKS.index(self.risk), -len(self.names), *cause, self.key or "")


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
    return sorted(entries.values(), key=Entry.order)


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


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
