from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from agentconf.frozen import FrozenDict, freeze

CHANGES: dict[str, Callable[[Any], Any]] = {
    "set": lambda frozen: frozen.__setitem__("a", 2),
    "delete": lambda frozen: frozen.__delitem__("a"),
    "clear": lambda frozen: frozen.clear(),
    "pop": lambda frozen: frozen.pop("a"),
    "popitem": lambda frozen: frozen.popitem(),
    "setdefault": lambda frozen: frozen.setdefault("b", 2),
    "update": lambda frozen: frozen.update(b=2),
    "or": lambda frozen: frozen.__ior__({"b": 2}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_refused_with_the_way_out(change: Callable[[Any], Any]) -> None:
    frozen: FrozenDict[int] = FrozenDict(a=1)
    with pytest.raises(TypeError, match="read-only; copy it with dict"):
        change(frozen)
    assert frozen == {"a": 1}


def test_a_copy_with_dict_can_be_changed() -> None:
    frozen: FrozenDict[int] = FrozenDict(a=1)
    changed = dict(frozen)
    changed["a"] = 2
    assert changed == {"a": 2}


def test_it_equals_hashes_copies_and_pickles_like_a_value() -> None:
    frozen = freeze({"a": [1, {"b": None}]})
    assert frozen == {"a": (1, {"b": None})}
    assert hash(frozen) == hash(freeze({"a": [1, {"b": None}]}))
    assert copy.copy(frozen) is frozen
    assert copy.deepcopy(frozen) is frozen
    assert pickle.loads(pickle.dumps(frozen)) == frozen
    assert type(pickle.loads(pickle.dumps(frozen))) is FrozenDict


def test_freezing_goes_to_any_depth_and_leaves_the_value_alone() -> None:
    value = {"a": [{"b": [1]}]}
    frozen = freeze(value)
    assert type(frozen["a"][0]) is FrozenDict
    assert frozen["a"][0]["b"] == (1,)
    assert value == {"a": [{"b": [1]}]}


def test_a_second_init_changes_nothing() -> None:
    frozen: FrozenDict[int] = FrozenDict({"a": 1})
    empty: FrozenDict[int] = FrozenDict()
    for one in (frozen, empty):
        one.__init__({"a": 2, "b": 3})  # type: ignore[misc]
    assert (frozen, empty) == ({"a": 1}, {})


def test_it_is_made_as_a_dict_is() -> None:
    assert FrozenDict({"a": 1}, b=2) == FrozenDict([("a", 1), ("b", 2)]) == {"a": 1, "b": 2}
    with pytest.raises(TypeError):
        FrozenDict(1)
