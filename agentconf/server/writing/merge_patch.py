"""JSON Merge Patch (RFC 7396): null removes a key, an object is merged, and everything else replaces."""

from __future__ import annotations

from typing import Any


def merged(target: Any, patch: Any) -> Any:
    """The target after a patch; both stay as they are."""
    if not isinstance(patch, dict):
        return patch
    value = dict(target) if isinstance(target, dict) else {}
    for key, item in patch.items():
        if item is None:
            value.pop(key, None)
        else:
            value[key] = merged(value.get(key), item)
    return value
