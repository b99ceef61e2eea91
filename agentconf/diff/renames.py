"""Agents that only have another id: the content decides, as in git."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from agentconf.config.tree import AgentFile
from agentconf.keypath import look_up
from agentconf.snapshot.explanation import leaf_paths

ALIKE: Final = 0.6
"""The share of values that two files must have in common to be one agent under two names."""
_MOST_PAIRS: Final = 20_000


def renamed(gone: dict[str, AgentFile], come: dict[str, AgentFile]) -> dict[str, str]:
    """The new id of each agent that was renamed, by its old one."""
    found: dict[str, str] = {}
    same = _by_text(come.items())
    for old, agent in gone.items():
        twins = same.get(agent.document.data.strip())
        if twins:
            found[old] = twins.pop(0)
    left = {name: agent for name, agent in gone.items() if name not in found}
    free = {name: agent for name, agent in come.items() if name not in found.values()}
    if len(left) * len(free) <= _MOST_PAIRS:
        found |= _alike(left, free)
    return found


def _by_text(agents: Iterable[tuple[str, AgentFile]]) -> dict[bytes, list[str]]:
    texts: dict[bytes, list[str]] = {}
    for name, agent in agents:
        text = agent.document.data.strip()
        if len(text) > 2:  # {} says nothing of whose it is
            texts.setdefault(text, []).append(name)
    return texts


def _alike(gone: dict[str, AgentFile], come: dict[str, AgentFile]) -> dict[str, str]:
    """The likeliest pairs first, each agent in one."""
    ones = {name: _said(agent) for name, agent in gone.items()}
    others = {name: _said(agent) for name, agent in come.items()}
    scores = [(_likeness(one, other), old, new) for old, one in ones.items() for new, other in others.items()]
    found: dict[str, str] = {}
    for score, old, new in sorted(scores, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if score >= ALIKE and old not in found and new not in found.values():
            found[old] = new
    return found


def _said(agent: AgentFile) -> set[tuple[Any, str]]:
    value = agent.document.value
    return {(path, repr(look_up(value, path))) for path in leaf_paths(value)}


def _likeness(one: set[tuple[Any, str]], other: set[tuple[Any, str]]) -> float:
    """The share of what either says that both say; two values in common may be chance."""
    common = len(one & other)
    return common / len(one | other) if common > 2 else 0.0
