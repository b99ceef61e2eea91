"""What of a file a finding may repeat: nothing that stands where a secret belongs, or beside one."""

from __future__ import annotations

from typing import Final

from agentconf.keypath import KeyPath

_PRIVATE: Final = frozenset(("api_key", "extra_headers", "headers", "params", "credentials"))


def may_quote(path: KeyPath) -> bool:
    """Whether a value at a path may be repeated. Nothing of a provider may: a literal can be anywhere in it."""
    return "providers" not in path and not any(step in _PRIVATE for step in path)


def shown_path(path: KeyPath) -> KeyPath:
    """The part of a path that may be shown: below a secret's place even a key may be one."""
    for index, step in enumerate(path):
        if step in _PRIVATE:
            named = step in {"extra_headers", "params"}  # the names in these are names
            return path[: index + 1 + named]
    return path
