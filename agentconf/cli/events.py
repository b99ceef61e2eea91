"""What happens to a watch, for people: a line each, with the values before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from agentconf.cli import console
from agentconf.config.durations import whole
from agentconf.config.secrets import SecretReference
from agentconf.config.shown import shown_value
from agentconf.keypath import ABSENT, look_up, parse
from agentconf.live.change import Change
from agentconf.live.journal import Event
from agentconf.redact import printable

SHOWN: Final = 3
"""How many agents, and how many keys of each, a line names."""
_LONGEST: Final = 40
_DIGITS: Final = 12
_CHANGED: Final = " changed"
_COLOURS: Final = {"ready": "cyan", "applied": "green", "refused": "red"}


def told(event: Event, at: str, what: str) -> str:
    """The line of an event: the time of day, what it is, the generation with its digest, and what it is about."""
    word = console.style(event.kind.ljust(7), fg=_COLOURS[event.kind], bold=True)
    digest = event.snapshot.digest.removeprefix("sha256:")[:_DIGITS]
    return f"{console.style(at, dim=True)} {word} generation {event.snapshot.generation}, {digest}: {what}"


def change_text(change: Change) -> str:
    """Who came and went, and the values of the first agents that changed."""
    came_and_went = (("created", change.created), ("deleted", change.deleted))
    parts = [f"{word} {some(names)}" for word, names in came_and_went if names]
    parts += [_agent_text(change, name) for name in list(change.changed)[:SHOWN]]
    more = len(change.changed) - SHOWN
    if more > 0:
        parts.append(f"and {count(more, 'more agent')}")
    return "; ".join(parts) or "nothing in the agents that are served"


def some(names: Sequence[str], shown: int = SHOWN) -> str:
    """The first names, and how many more there are."""
    more = len(names) - shown
    text = ", ".join(names[:shown])
    return f"{text} and {more:,} more" if more > 0 else text


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _agent_text(change: Change, name: str) -> str:
    keys = change.changed[name]
    before, after = _plain(change.before[name]), _plain(change.after[name])
    steps = [_step(key, before, after) for key in keys]
    steps = sorted(steps, key=lambda step: step.endswith(_CHANGED))[:SHOWN]  # those that show something, first
    more = len(keys) - SHOWN
    if more > 0:
        steps.append(f"and {count(more, 'more key')}")
    return f"{name}: {', '.join(steps)}" if steps else name


def _step(key: str, before: Any, after: Any) -> str:
    """`llm.temperature 0.2 -> 0.3`; where both would look the same, that the key changed."""
    path = parse(key)
    old, new = (_short(shown_value(path, look_up(agent, path))) for agent in (before, after))
    return f"{printable(key)} {old} -> {new}" if old != new else f"{printable(key)}{_CHANGED}"


def _short(value: Any) -> str:
    if value is None or value is ABSENT:
        return "unset"
    text = printable(json.dumps(value, ensure_ascii=False))
    if len(text) <= _LONGEST:
        return text
    return count(len(value), "character") if isinstance(value, str) else text[: _LONGEST - 3] + "..."


def _plain(value: Any) -> Any:
    """A typed value as the format would write it, references in full: `shown_value` says what is shown of them."""
    if isinstance(value, SecretReference):
        return f"${{{value.source}:{value.name}}}"
    if isinstance(value, BaseModel):
        return {name: _plain(item) for name in type(value).model_fields if (item := getattr(value, name)) is not None}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return whole(value)
    return value if isinstance(value, str | int) or value is None else str(value)
