"""A review is read by more people than the tree: nothing in it looks like a key, wherever the tree has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from agentconf.diff.change import Change, Meaning
from agentconf.redact import without_keys


def harmless(changes: Iterable[Change]) -> Iterator[Change]:
    """The same changes; in keys, values and sentences what looks like a key is `***`."""
    for change in changes:
        said = (change.key, change.old, change.new, change.meanings)
        key = None if change.key is None else without_keys(change.key)
        safe = (key, _value(change.old), _value(change.new), tuple(map(_meaning, change.meanings)))
        if said == safe:
            yield change
        else:
            yield replace(change, key=safe[0], old=safe[1], new=safe[2], meanings=safe[3])


@lru_cache(maxsize=2048)
def _meaning(meaning: Meaning) -> Meaning:
    return replace(meaning, text=without_keys(meaning.text))


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return without_keys(value)
    if isinstance(value, dict):
        return {without_keys(str(key)): _value(item) for key, item in value.items()}
    return [_value(item) for item in value] if isinstance(value, list | tuple) else value
