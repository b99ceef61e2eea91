"""Cipher texts are not sent: in their place stands a mask, which is told from the others by where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf.config.secrets import SecretReference
from agentconf.keypath import KeyPath, render

_MASKS: Final = {f"${{{source}:***}}": source for source in ("fernet", "age")}
_HOLDERS: Final = frozenset(("extra_headers", "params"))


def with_masks(value: Any, path: KeyPath = ()) -> Any:
    """The configuration with a reference in the place of each mask: its name is the place, and it is printed masked."""
    if isinstance(value, dict):
        return {key: with_masks(item, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [with_masks(item, (*path, index)) for index, item in enumerate(value)]
    source = _MASKS.get(value) if isinstance(value, str) else None
    return SecretReference(source, render(path)) if source is not None and _is_place(path) else value


def places_of(reference: SecretReference, config: dict[str, Any]) -> list[str]:
    """Where a reference stands in an agent's configuration, as paths: `providers.openai.api_key`."""
    shown = str(reference)
    if shown in _MASKS:
        return [reference.name]
    return [render(path) for path, text in _texts(config) if text == shown and _is_place(path)]


def _texts(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))
    elif isinstance(value, str):
        yield path, value


def _is_place(path: KeyPath) -> bool:
    return path[-1:] == ("api_key",) or path[-2:-1] in {(holder,) for holder in _HOLDERS}
