"""From one value to another in as few changes as a file can take one by one: what is the same is not touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentconf.document.change import Change, Delete, Put
from agentconf.keypath import KeyPath


def difference(old: Any, new: Any) -> list[Change]:
    """The changes that make a mapping another one. The order of keys says nothing."""
    return list(_changes(old, new, ()))


def is_alike(one: Any, other: Any) -> bool:
    """Whether two values say the same: 1 and 1.0 do, since many clients know one kind of number alone."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_alike, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    is_number = isinstance(one, int | float) and isinstance(other, int | float)
    return (is_number or type(one) is type(other)) and bool(one == other)


def _changes(old: Any, new: Any, path: KeyPath) -> Iterator[Change]:
    if is_alike(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and (new or not path):
        yield from _of_mapping(old, new, path)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _of_list(old, new, path)
    else:
        yield Put(path, new)


def _of_mapping(old: dict[str, Any], new: dict[str, Any], path: KeyPath) -> Iterator[Change]:
    for key, value in new.items():
        if key in old:
            yield from _changes(old[key], value, (*path, key))
        else:
            yield Put((*path, key), value)
    for key in old:  # last, so that a mapping is not empty in between
        if key not in new:
            yield Delete((*path, key))


def _of_list(old: list[Any], new: list[Any], path: KeyPath) -> Iterator[Change]:
    """What both begin and end with stays, with its comments, unless it would have to move down."""
    start = _alike_from_start(old, new)
    end = 0 if len(new) > len(old) else _alike_from_start(old[start:][::-1], new[start:][::-1])
    was, becomes = old[start : len(old) - end], new[start : len(new) - end]
    for index, (one, other) in enumerate(zip(was, becomes, strict=False), start):
        yield from _changes(one, other, (*path, index))
    for index in range(start + len(was), start + len(becomes)):
        yield Put((*path, index), new[index])
    for index in reversed(range(start + len(becomes), start + len(was))):
        yield Delete((*path, index))


def _alike_from_start(one: list[Any], other: list[Any]) -> int:
    """How many items both begin with."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if not is_alike(first, second):
            break
        count += 1
    return count
