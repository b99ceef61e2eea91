"""Which part of an agent some policies look at: only that is made, and handed to the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from agentconf.keypath import KeyPath

Wanted: TypeAlias = "dict[str, Any] | Literal[True]"
"""By key what is wanted of it, of every item of a list alike; True is all of it."""


def wanted_of(uses: Iterable[KeyPath], ranges: Iterable[KeyPath]) -> Wanted:
    """What takes in some places whole, and others as far as those lie in them. The empty place is the whole agent."""
    wanted: dict[str, Any] = {}
    for path in uses:
        if not path:
            return True
        above = _above(wanted, path)
        if above is not None:
            above[str(path[-1])] = True
    for path in ranges:
        above = _above(wanted, path)
        if above is not None:
            above.setdefault(str(path[-1]), {})
    return wanted


def _above(wanted: dict[str, Any], path: KeyPath) -> dict[str, Any] | None:
    """Where the last step of a way goes; None where all is wanted already."""
    for step in path[:-1]:
        below = wanted.setdefault(str(step), {})
        if below is True:
            return None
        wanted = below
    return wanted
