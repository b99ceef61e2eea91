"""Cipher texts are not sent: in their place stands a mask, which is told from the others by where it stands."""

from __future__ import annotations

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


def _is_place(path: KeyPath) -> bool:
    return path[-1:] == ("api_key",) or path[-2:-1] in {(holder,) for holder in _HOLDERS}
