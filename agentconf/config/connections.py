"""Connection keys under `llm`: where they stand, and that they do not where a tree declares providers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf.config.layers import CONNECTION_KEYS
from agentconf.keypath import KeyPath

_BLOCKS: Final = ("defaults", "overrides")
_NAMED_BLOCKS: Final = ("environments", "variants")


def places(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The place of every connection key under an `llm` of a document or a layer, fallbacks and variants included."""
    if not isinstance(value, dict):
        return
    yield from _chain(value.get("llm"), (*path, "llm"))
    for name in _BLOCKS:
        if name in value:
            yield from places(value[name], (*path, name))
    for name in _NAMED_BLOCKS:
        block = value.get(name)
        for inner, below in block.items() if isinstance(block, dict) else ():
            if not inner.startswith("x-"):
                yield from places(below, (*path, name, inner))


def _chain(llm: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(llm, dict):
        for key in CONNECTION_KEYS:
            if llm.get(key) is not None:
                yield (*path, key)
        fallbacks = llm.get("fallbacks")
        for index, fallback in enumerate(fallbacks if isinstance(fallbacks, list) else ()):
            yield from _chain(fallback, (*path, "fallbacks", index))
