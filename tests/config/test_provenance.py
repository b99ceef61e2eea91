"""Every resolved value knows which layer wrote it, where, and what it overrode."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf import pipeline
from agentconf.config.durations import in_seconds
from agentconf.config.resolve import Resolver
from agentconf.config.secrets import looks_like_reference, masked
from agentconf.errors import KeyNotFound
from agentconf.keypath import ABSENT, KeyPath, look_up, parse
from agentconf.snapshot.explanation import Explanation, LayerValue, explain, leaf_paths
from agentconf.source.tree import Tree
from tests import generated
from tests.config.test_connections import Layers, trees
from tests.support import texts, values

SEEDS = st.integers(0, 2**32).map(Random)
SECONDS = {"timeout", "stream_timeout"}


def explained(tree: Tree, key: str, environment: str | None = None, agent: str = "a") -> Explanation:
    resolver = Resolver(pipeline.draft(tree).config, environment)
    return explain(resolver, resolver.resolve(resolver.tree.agents[agent]), parse(key))


def told(explanation: Explanation) -> list[tuple[str, int | None, Any, bool]]:
    return [(layer.layer, layer.line, layer.value, layer.wins) for layer in explanation.layers]


# -- laws


@given(SEEDS, st.sampled_from((None, "prod")))
def test_of_every_resolved_value_one_layer_wins_and_its_place_is_where_it_stands(
    random: Random, environment: str | None
) -> None:
    assert_explained(values(generated.tree(random)), environment, ("a", "b"))


@given(trees(), st.sampled_from((None, "prod")))
def test_connections_are_explained_too(layers: Layers, environment: str | None) -> None:
    assert_explained(values(layers.tree()), environment, ("a",))


def assert_explained(tree: Tree, environment: str | None, agents: tuple[str, ...]) -> None:
    resolver = Resolver(pipeline.draft(tree).config, environment)
    for name in agents:
        agent = resolver.resolve(resolver.tree.agents[name])
        for path in leaf_paths(agent.config):
            explanation = explain(resolver, agent, path)
            winners = [layer for layer in explanation.layers if layer.wins]
            if look_up(agent.config, path) != {}:
                assert len(winners) == 1, path
                assert winners[0].value == explanation.value, path
                assert_stands_there(tree, winners[0], path)


def assert_stands_there(tree: Tree, winner: LayerValue, path: KeyPath) -> None:
    """The text at the winner's place is its value; each of these files is one line of JSON."""
    assert winner.file is not None
    assert winner.column is not None
    written = json.JSONDecoder().raw_decode(tree.files[winner.file].decode()[winner.column - 1 :])[0]
    if path[-1] in SECONDS and isinstance(written, str):
        written = in_seconds(written)
    if isinstance(written, str) and looks_like_reference(written):
        written = masked(written)
    assert written == winner.value


# -- examples

TREE = {
    "_defaults.yaml": "owner: platform\nllm:\n  model: a/b\n  temperature: 0.1\n  extra: {top_k: 1, user: u}\n",
    "_profiles/careful.yaml": "llm: {temperature: 0.2, extra: {top_k: 2}}\n",
    "_environments/prod.yaml": "defaults:\n  llm:\n    temperature: 0.15\noverrides:\n  owner: operations\n",
    "a.yaml": "extends: careful\nowner: null\nllm:\n  temperature: 0.3\nenvironments:\n  prod: {llm: {temperature: 0}}",
}


def test_every_layer_that_spoke_is_told_lowest_first() -> None:
    assert told(explained(texts(TREE), "llm.temperature", "prod")) == [
        ("defaults", 4, 0.1, False),
        ("environment-defaults", 3, 0.15, False),
        ("profile", 1, 0.2, False),
        ("agent", 4, 0.3, False),
        ("agent-environment", 6, 0, True),
    ]


def test_an_explanation_is_json_in_the_promised_shape() -> None:
    said = json.loads(json.dumps(explained(texts(TREE), "llm.temperature").as_json()))
    assert said | {"layers": said["layers"][-1:]} == {
        "agent": "a",
        "environment": None,
        "key": "llm.temperature",
        "value": 0.3,
        "layers": [{"layer": "agent", "file": "a.yaml", "line": 4, "column": 16, "value": 0.3, "wins": True}],
    }


def test_a_null_that_clears_is_told_as_such() -> None:
    explanation = explained(texts(TREE), "owner")
    assert explanation.value is None
    assert told(explanation) == [("defaults", 1, "platform", False), ("agent", 2, None, True)]
    assert explanation.as_json()["layers"][-1]["cleared"] is True
    assert "cleared" not in explanation.as_json()["layers"][0]


def test_what_stands_above_a_null_wins_again() -> None:
    assert told(explained(texts(TREE), "owner", "prod"))[-1] == ("environment-overrides", 5, "operations", True)


def test_a_null_over_a_whole_mapping_clears_the_keys_in_it() -> None:
    tree = texts({"_defaults.yaml": "limits: {max_parallel: 2}\n", "a.yaml": "limits: null\nllm: {model: a/b}\n"})
    assert told(explained(tree, "limits.max_parallel"))[-1] == ("agent", 1, None, True)


def test_of_a_mapping_each_layer_wins_that_is_still_seen() -> None:
    explanation = explained(texts(TREE), "llm.extra")
    assert explanation.value == {"top_k": 2, "user": "u"}
    assert [(layer, wins) for layer, _, _, wins in told(explanation)] == [("defaults", True), ("profile", True)]


def test_a_prompt_from_a_file_is_explained_by_the_line_that_names_it() -> None:
    tree = texts({"a.yaml": "llm: {model: a/b}\ninstructions_file: a.md\n", "a.md": "Be kind."})
    assert told(explained(tree, "instructions")) == [("agent", 2, "Be kind.", True)]


def test_a_variants_values_are_explained_with_its_layer_in_its_place() -> None:
    tree = texts({
        "a.yaml": "llm: {model: a/b, temperature: 0.1}\nvariants:\n  cold: {weight: 1, llm: {temperature: 0}}\n"
        "experiment: {control: cold}\n",
    })  # fmt: skip
    assert told(explained(tree, "variants.cold.llm.temperature")) == [("agent", 1, 0.1, False), ("variant", 3, 0, True)]
    assert told(explained(tree, "variants.cold.llm.model")) == [("agent", 1, "a/b", True)]
    assert told(explained(tree, "variants.cold.weight")) == [("agent", 3, 1, True)]


def test_what_a_fallback_inherits_is_the_primarys() -> None:
    tree = texts({"a.yaml": "llm:\n  model: a/b\n  temperature: 0.5\n  fallbacks:\n    - model: c/d\n"})
    assert told(explained(tree, "llm.fallbacks[0].temperature")) == [("agent", 3, 0.5, True)]
    assert told(explained(tree, "llm.fallbacks[0].model")) == [("agent", 5, "c/d", True)]


def test_a_connection_that_was_dropped_does_not_win() -> None:
    tree = texts({
        "_defaults.yaml": "llm: {model: openai/a, api_key: '${env:ONE}'}\n",
        "a.yaml": "llm: {model: mistral/b}\n",
    })  # fmt: skip
    explanation = explained(tree, "llm.api_key")
    assert explanation.value is None
    assert told(explanation) == [("defaults", 1, "${env:ONE}", False)]


def test_an_entry_of_providers_that_was_replaced_does_not_win() -> None:
    tree = texts({
        "_defaults.yaml": "providers: {openai: {api_key: '${env:ONE}', region: eu}}\nllm: {model: openai/a}\n",
        "_profiles/p.yaml": "providers: {openai: {api_key: '${env:TWO}'}}\n",
        "a.yaml": "extends: p\n",
    })  # fmt: skip
    assert told(explained(tree, "providers.openai.api_key")) == [
        ("defaults", 1, "${env:ONE}", False),
        ("profile", 1, "${env:TWO}", True),
    ]
    assert [wins for *_, wins in told(explained(tree, "providers.openai.region"))] == [False]


@pytest.mark.parametrize(
    ("key", "hint"), [("llm.temprature", "did you mean 'llm.temperature'?"), ("nothing.like.it", "")]
)
def test_a_key_that_no_layer_speaks_of_is_not_found(key: str, hint: str) -> None:
    with pytest.raises(KeyNotFound) as raised:
        explained(texts(TREE), key)
    assert str(raised.value).startswith(f"no layer of 'a' says anything about '{key}'")
    assert hint in str(raised.value)


def test_what_is_not_found_and_what_is_null_are_different() -> None:
    assert look_up({"a": None}, ("a",)) is None
    assert look_up({"a": None}, ("b",)) is ABSENT
