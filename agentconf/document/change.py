"""What can be asked of a document, and what its value is to be afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agentconf.errors import EditRefused
from agentconf.keypath import KeyPath, render


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name for the key at a path; its place and its value stay."""

    path: KeyPath
    name: str


@dataclass(frozen=True, slots=True)
class Put:
    """A value at a path, new or in the place of another; mappings on the way are made where they are missing.

    A new key comes last in its mapping. A list grows by the index behind its last.
    """

    path: KeyPath
    value: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delete:
    """No more of the key, or of the item of a list, at a path."""

    path: KeyPath


Change: TypeAlias = Rename | Put | Delete


def applied(change: Change, value: Any) -> Any:
    """The value after a change; the one before stays as it is. Raises EditRefused where it has no such place."""
    if not change.path:
        raise EditRefused("an edit names a key")
    return _at(change, value, change.path)


def _at(change: Change, value: Any, path: KeyPath) -> Any:
    step, below = path[0], path[1:]
    if isinstance(value, dict) and isinstance(step, str):
        return _in_mapping(change, value, step, below)
    if isinstance(value, list) and isinstance(step, int):
        return _in_list(change, value, step, below)
    raise _nothing_there(change)


def _in_mapping(change: Change, value: dict[str, Any], step: str, below: KeyPath) -> dict[str, Any]:
    if step not in value:
        if isinstance(change, Put):
            return {**value, step: _made(change, below)}
        raise _nothing_there(change)
    if below:
        return {**value, step: _at(change, value[step], below)}
    if isinstance(change, Put):
        return {**value, step: change.value}
    if isinstance(change, Delete):
        return {key: item for key, item in value.items() if key != step}
    if change.name in value and change.name != step:
        raise EditRefused(f"there is a key '{change.name}' beside {render(change.path)} already")
    return {change.name if key == step else key: item for key, item in value.items()}


def _in_list(change: Change, value: list[Any], step: int, below: KeyPath) -> list[Any]:
    if step == len(value) and isinstance(change, Put):
        return [*value, _made(change, below)]
    if not 0 <= step < len(value) or (isinstance(change, Rename) and not below):
        raise _nothing_there(change)
    before, after = value[:step], value[step + 1 :]
    if below:
        return [*before, _at(change, value[step], below), *after]
    return [*before, change.value, *after] if isinstance(change, Put) else [*before, *after]


def _made(change: Put, below: KeyPath) -> Any:
    """The value for the first key of a path that is missing: the rest of the path, in mappings of their own."""
    value = change.value
    for step in reversed(below):
        if not isinstance(step, str):
            raise _nothing_there(change)
        value = {step: value}
    return value


def missing(path: KeyPath, met: int, value: Any) -> Any:
    """What is to be written for the step behind the `met` that are there. The steps were seen to be keys."""
    for step in reversed(path[met + 1 :]):
        value = {step: value}
    return value


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal to the type of every number and the order of every key."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return repr(one) == repr(other) if isinstance(one, float) else bool(one == other)


def _nothing_there(change: Change) -> EditRefused:
    return EditRefused(f"there is no {render(change.path)} to edit")
