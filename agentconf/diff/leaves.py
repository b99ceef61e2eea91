"""Two resolved configurations to the keys in which they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from agentconf.keypath import ABSENT, KeyPath


class Difference(NamedTuple):
    """A key with its values on both sides; ABSENT where there is none."""

    path: KeyPath
    old: Any
    new: Any


def differences(old: Any, new: Any, path: KeyPath = ()) -> Iterator[Difference]:
    """Every value in which two configurations differ, in the order of the new one.

    A list is one value, but for a list of mappings that is as long on both sides: its entries are compared one by one.
    """
    if is_same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*new, *old)):
            yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), (*path, key))
    elif _is_list_of_mappings(old) and _is_list_of_mappings(new) and len(old) == len(new):
        for index, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, other, (*path, index))
    else:
        yield from _whole(old, new, path)


def is_same(old: Any, new: Any) -> bool:
    """Whether two values say the same: 1 and 1.0 do, and true is not 1, though Python calls them equal."""
    if old is new:
        return True
    if old != new:
        return False
    if isinstance(old, dict):
        return all(is_same(value, new[key]) for key, value in old.items())
    if isinstance(old, list | tuple):
        return all(map(is_same, old, new))
    return isinstance(old, bool) is isinstance(new, bool)


def _whole(old: Any, new: Any, path: KeyPath) -> Iterator[Difference]:
    """A mapping that comes or goes is told key by key, so that each has its own cause."""
    if old is ABSENT and isinstance(new, dict) and new:
        for key, value in new.items():
            yield from _whole(ABSENT, value, (*path, key))
    elif new is ABSENT and isinstance(old, dict) and old:
        for key, value in old.items():
            yield from _whole(value, ABSENT, (*path, key))
    else:
        yield Difference(path, old, new)


def _is_list_of_mappings(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
