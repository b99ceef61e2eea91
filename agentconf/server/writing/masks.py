"""A file's document as it may be shown, and the way back: what comes back as it was shown is as it was.

Cipher texts, and literals where a secret belongs, are masked. A client that reads a document, changes one key and
sends it all back must not write the masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf.config.secrets import HIDDEN
from agentconf.config.shown import shown_value
from agentconf.keypath import KeyPath
from agentconf.rules.keys.find import find_keys

MASKS: Final = frozenset((HIDDEN, *(f"${{{source}:{HIDDEN}}}" for source in ("fernet", "age"))))


def shown(value: dict[str, Any]) -> dict[str, Any]:
    """A document in which nothing is secret."""
    masked: dict[str, Any] = _without_keys(shown_value((), value))
    return masked


def unmasked(value: Any, masked: Any, original: Any) -> Any:
    """The value with what was masked put back where it came back as it was shown. Nothing of it is changed."""
    if isinstance(value, dict) and isinstance(masked, dict) and isinstance(original, dict):
        return {
            key: unmasked(item, masked[key], original[key]) if key in masked and key in original else item
            for key, item in value.items()
        }
    if isinstance(value, list) and isinstance(masked, list) and isinstance(original, list):
        beside = [*zip(masked, original, strict=True)]
        return [
            unmasked(item, *beside[index]) if index < len(beside) else item for index, item in enumerate(value)
        ]
    return original if isinstance(value, str) and value == masked else value


def still_masked(value: Any, original: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Where a value holds a mask that the original does not hold there."""
    if isinstance(value, dict):
        below = original if isinstance(original, dict) else {}
        for key, item in value.items():
            yield from still_masked(item, below.get(key), (*path, key))
    elif isinstance(value, list):
        items = original if isinstance(original, list) else []
        for index, item in enumerate(value):
            yield from still_masked(item, items[index] if index < len(items) else None, (*path, index))
    elif isinstance(value, str) and value in MASKS and value != original:
        yield path


def _without_keys(value: Any) -> Any:
    """What looks like a key has no place in the tree, and none in an answer."""
    if isinstance(value, dict):
        return {key: _without_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_keys(item) for item in value]
    return HIDDEN if isinstance(value, str) and any(find_keys(value)) else value
