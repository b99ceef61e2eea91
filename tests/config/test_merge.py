"""The merge law."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.config.merge import merge, merge_layer, provider_of, without_nulls

KEYS = st.sampled_from("abcd")
LEAVES = st.sampled_from((None, 0, 0.0, False, "", 1, "x", True)) | st.lists(st.integers(0, 3), max_size=2)
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)
LAYERS = st.dictionaries(KEYS, VALUES, max_size=4)
NO_NULLS = st.dictionaries(
    KEYS,
    st.recursive(
        LEAVES.filter(lambda leaf: leaf is not None), lambda inner: st.dictionaries(KEYS, inner), max_leaves=12
    ),
)


@given(LAYERS)
def test_merging_with_nothing_changes_nothing(layer: dict[str, Any]) -> None:
    assert merge(layer, {}) == layer
    assert merge({}, layer) == layer


@given(LAYERS, LAYERS, LAYERS)
def test_merging_is_associative_where_no_null_is_overlaid_by_a_mapping(
    low: dict[str, Any], middle: dict[str, Any], high: dict[str, Any]
) -> None:
    if not any(
        overlays_null(lower, higher) for lower, higher in ((low, middle), (middle, high), (merge(low, middle), high))
    ):
        assert merge(merge(low, middle), high) == merge(low, merge(middle, high))


@given(NO_NULLS, NO_NULLS, NO_NULLS)
def test_merging_is_associative_without_nulls(
    low: dict[str, Any], middle: dict[str, Any], high: dict[str, Any]
) -> None:
    scalars_replaced = any(replaces_mapping(a, b) for a, b in ((low, middle), (middle, high), (low, high)))
    if not scalars_replaced:
        assert merge(merge(low, middle), high) == merge(low, merge(middle, high))


@given(LAYERS, LAYERS)
def test_the_higher_layer_wins_and_the_lower_shows_where_it_is_silent(
    low: dict[str, Any], high: dict[str, Any]
) -> None:
    merged = merge(low, high)
    for key in {*low, *high}:
        if key not in high:
            assert merged[key] == low[key]
        elif not (isinstance(high[key], dict) and isinstance(low.get(key), dict)):
            assert merged[key] == high[key]
            assert type(merged[key]) is type(high[key])
        else:
            assert merged[key] == merge(low[key], high[key])
    assert merged.keys() == {*low, *high}


@given(LAYERS, LAYERS)
def test_the_arguments_are_never_changed(low: dict[str, Any], high: dict[str, Any]) -> None:
    before = copy.deepcopy((low, high))
    merge(low, high)
    merge_layer(low, high)
    without_nulls(merge(low, high))
    assert (low, high) == before


@given(LAYERS, LAYERS)
def test_null_clears_whatever_stood_below(low: dict[str, Any], high: dict[str, Any]) -> None:
    cleared = dict.fromkeys(low)
    assert without_nulls(merge(low, cleared)) == {}
    assert without_nulls(merge(merge(low, cleared), high)) == without_nulls(high)


@given(LAYERS)
def test_no_null_is_left_once_cleared_keys_are_gone(layer: dict[str, Any]) -> None:
    assert not holds_null(without_nulls(layer))


@pytest.mark.parametrize("value", [0, 0.0, False, "", [], {}])
def test_falsy_values_are_values(value: object) -> None:
    merged = without_nulls(merge({"a": 7}, {"a": value}))
    assert merged == {"a": value}
    assert type(merged["a"]) is type(value)


def test_lists_replace() -> None:
    assert merge({"a": [1, 2], "b": [{"c": 1}]}, {"a": [3], "b": [{"d": 2}]}) == {"a": [3], "b": [{"d": 2}]}


def test_a_mapping_over_a_null_says_only_what_it_says() -> None:
    assert merge(merge({"a": {"b": 1}}, {"a": None}), {"a": {"c": 2}}) == {"a": {"c": 2}}


def test_nulls_in_lists_stay_as_they_were_written() -> None:
    assert without_nulls({"a": [None, {"b": None}]}) == {"a": [None, {"b": None}]}


def test_an_entry_of_providers_is_replaced_whole_and_others_stay() -> None:
    low = {"providers": {"openai": {"api_key": "one", "api_base": "two"}, "azure": {"region": "eu"}}}
    merged = merge_layer(low, {"providers": {"openai": {"api_key": "three"}, "local": {}}})
    assert merged["providers"] == {"openai": {"api_key": "three"}, "azure": {"region": "eu"}, "local": {}}


def test_the_provider_of_a_model_stands_before_the_first_slash() -> None:
    assert provider_of("openrouter/meta/llama") == "openrouter"


def overlays_null(low: dict[str, Any], high: dict[str, Any]) -> bool:
    """Whether a mapping is laid over a null, or over another value that hides a mapping below it."""
    return any(
        isinstance(value, dict) and key in low and (not isinstance(low[key], dict) or overlays_null(low[key], value))
        for key, value in high.items()
    )


def replaces_mapping(low: dict[str, Any], high: dict[str, Any]) -> bool:
    """Whether a mapping meets something that is none: schemas refuse a key that is now the one, now the other."""
    return any(
        key in low
        and (
            isinstance(low[key], dict) != isinstance(value, dict)
            or (isinstance(value, dict) and replaces_mapping(low[key], value))
        )
        for key, value in high.items()
    )


def holds_null(value: dict[str, Any]) -> bool:
    return any(item is None or (isinstance(item, dict) and holds_null(item)) for item in value.values())
