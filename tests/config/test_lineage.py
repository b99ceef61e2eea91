from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.config.lineage import cycles, extended, lineage
from agentconf.document.document import Document
from tests.support import document_of

Graph = dict[str, list[str]]

NAMES = "abcdef"


def profiles(graph: Graph) -> dict[str, Document]:
    """Profiles by what each extends."""
    return {name: document_of(f"extends: {parents}", f"_profiles/{name}.yaml") for name, parents in graph.items()}


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({}, ()),
        ({"extends": "a"}, ("a",)),
        ({"extends": ["a", "b"]}, ("a", "b")),
        ({"extends": None}, ()),
        ({"extends": []}, ()),
    ],
)
def test_extends_is_one_name_or_a_list(value: dict[str, object], names: tuple[str, ...]) -> None:
    assert extended(value) == names


@pytest.mark.parametrize(
    ("names", "graph", "order"),
    [
        ("ab", {"a": [], "b": []}, "ab"),
        ("ba", {"a": [], "b": []}, "ba"),
        ("a", {"a": ["b"], "b": ["c"], "c": []}, "cba"),
        ("ab", {"a": ["c"], "b": ["c"], "c": []}, "acb"),
        ("aba", {"a": [], "b": []}, "ba"),
        ("a", {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}, "bdca"),
        ("", {"a": []}, ""),
        ("ax", {"a": ["y"]}, "a"),
    ],
)
def test_profiles_come_in_order_depth_first_and_their_last_place_counts(names: str, graph: Graph, order: str) -> None:
    assert lineage(tuple(names), profiles(graph)) == tuple(order)


@st.composite
def trees_of_profiles(draw: st.DrawFn) -> Graph:
    """Profiles that extend only later ones, so that there is no circle."""
    below = {
        name: draw(st.lists(st.sampled_from(NAMES[index + 1 :]), max_size=3)) for index, name in enumerate(NAMES[:-1])
    }
    return {**below, NAMES[-1]: []}


@given(st.lists(st.sampled_from(NAMES), max_size=4), trees_of_profiles())
def test_the_order_is_that_of_writing_everything_out_and_keeping_the_last_of_each(
    names: list[str], graph: Graph
) -> None:
    def written_out(some: list[str]) -> list[str]:
        return [each for name in some for each in (*written_out(graph[name]), name)]

    kept = dict.fromkeys(reversed(written_out(names)))
    assert lineage(tuple(names), profiles(graph)) == tuple(reversed(kept))


GRAPHS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3))


@given(GRAPHS)
def test_circles_are_found_where_there_are_some(graph: Graph) -> None:
    found = cycles(profiles(graph))
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError:
        assert found
    else:
        assert not found
    for way in found:
        assert way[0] == way[-1]
        assert all(after in graph[before] for before, after in pairwise(way))


@given(st.lists(st.sampled_from(NAMES), max_size=4), GRAPHS)
def test_a_circle_does_not_keep_anyone_waiting(names: list[str], graph: Graph) -> None:
    order = lineage(tuple(names), profiles(graph))
    assert len(order) == len(set(order))
    assert set(order) <= graph.keys()


def test_each_circle_is_said_once() -> None:
    assert cycles(profiles({"a": ["b"], "b": ["a"], "c": ["c"], "d": ["a", "c"]})) == [("a", "b", "a"), ("c", "c")]


def test_a_chain_as_long_as_none_is_walked_without_recursion() -> None:
    graph = {f"p{number}": [f"p{number + 1}"] for number in range(2000)}
    assert len(lineage(("p0",), profiles(graph))) == 2000
    assert cycles(profiles(graph | {"p2000": ["p0"]}))
