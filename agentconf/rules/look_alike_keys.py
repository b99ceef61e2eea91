"""Two keys differ in case, `-` or `_` alone, or in letters that look the same.

What: Under `metadata`, `extra`, `extra_headers` or `params`, where any key may stand, two keys would be read as one.
Why: One of them is what a program looks for, and the other is what somebody edited.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      cost-center: "1204"
      cost_center: "1207"  # AC753

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      cost_center: "1207"

Fix: Keep one spelling.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.document.document import Document
from agentconf.keypath import KeyPath, render
from agentconf.source.layout import Kind, Place

RULE: Final = codes.LOOK_ALIKE_KEYS
_FREE: Final = frozenset(("metadata", "extra", "extra_headers", "params"))
_ON_THE_WAY: Final = frozenset(("llm", "defaults", "overrides"))
_NAMED: Final = frozenset(("environments", "variants", "providers", "fallbacks"))
_DRAWN_ALIKE: Final = "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u03bf\u03b1"
_LATIN: Final = str.maketrans(_DRAWN_ALIKE, "aeopcyxijsoa")
"""Cyrillic and Greek letters that are drawn like Latin ones."""


def check_document(document: Document, place: Place) -> Iterator[Diagnostic]:
    """Where the schema allows any key; elsewhere an unknown key is an error anyway."""
    for path, mapping in free_mappings(document.value):
        known: dict[str, str] = {}
        for key in mapping:
            first = known.setdefault(_folded(key), key)
            if first != key:
                at = (*path, key)
                message = f"the keys '{first}' and '{key}' look alike"
                span = document.key_span(at)
                hint = "keep one of them"
                yield Diagnostic(RULE, message, document.file, span, render(at), agent_of(place), hint=hint)


def free_mappings(value: dict[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every mapping below a key under which any key may stand."""
    for key, item in value.items():
        if key in _FREE:
            yield from _free_mappings((*path, key), item)
        elif key in _ON_THE_WAY and item.__class__ is dict:
            yield from free_mappings(item, (*path, key))
        elif key in _NAMED:
            for name, below in _items(item):
                yield from free_mappings(below, (*path, key, name))


def _items(value: Any) -> list[tuple[str | int, dict[str, Any]]]:
    """The mappings in a mapping or a list, by their names or numbers."""
    found = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(name, below) for name, below in found if below.__class__ is dict]


def _free_mappings(path: KeyPath, value: Any) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """A mapping, and all those in it."""
    ahead: list[tuple[KeyPath, Any]] = [(path, value)]
    while ahead:
        path, node = ahead.pop()
        if isinstance(node, dict):
            yield path, node
            ahead.extend(((*path, key), item) for key, item in node.items())
        elif isinstance(node, list):
            ahead.extend(((*path, index), item) for index, item in enumerate(node))


def agent_of(place: Place) -> str | None:
    """The agent that a file is."""
    return place.name if place.kind is Kind.AGENT else None


def _folded(key: str) -> str:
    return key.casefold().replace("-", "_").translate(_LATIN)
