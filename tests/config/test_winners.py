"""Which layers win, where equal values, nulls and connections lie above each other."""

from __future__ import annotations

from typing import Any

import pytest

from agentconf import pipeline
from agentconf.config.resolve import Resolver
from agentconf.errors import KeyNotFound
from agentconf.keypath import parse
from agentconf.snapshot.explanation import Explanation, explain
from agentconf.source.tree import Tree
from tests.support import texts, values

MODEL = {"llm": {"model": "p/x"}}


def explained(tree: Tree, key: str) -> Explanation:
    resolver = Resolver(pipeline.draft(tree).config, None)
    return explain(resolver, resolver.resolve(resolver.tree.agents["a"]), parse(key))


def winners(files: dict[str, Any], key: str) -> list[str]:
    return [layer.layer for layer in explained(values(files), key).layers if layer.wins]


@pytest.mark.parametrize("key", ["providers.p", "providers", "providers.p.api_key"])
def test_a_connection_that_was_replaced_whole_does_not_win(key: str) -> None:
    files = {
        "_defaults": {"providers": {"p": {"api_key": "${env:A}", "api_base": "https://old.example"}}},
        "_profiles/c": {"providers": {"p": {"api_key": "${env:A}"}}},
        "a": {"extends": "c", **MODEL},
    }
    assert winners(files, key) == ["profile"]
    assert winners(files, "providers.p.api_base") == []


def test_a_mapping_below_a_null_does_not_win_for_an_equal_one_above() -> None:
    files = {
        "_defaults": {"metadata": {"x": {"a": 1}}},
        "_profiles/c": {"metadata": {"x": None}},
        "a": {"extends": "c", "metadata": {"x": {"a": 1}}, **MODEL},
    }
    for key in ("metadata.x", "metadata", "metadata.x.a"):
        assert winners(files, key) == ["agent"]


def test_of_a_mapping_each_layer_wins_that_is_still_seen() -> None:
    files = {"_defaults": {"metadata": {"a": 1, "b": 1}}, "a": {"metadata": {"b": 2}, **MODEL}}
    assert winners(files, "metadata") == ["defaults", "agent"]


@pytest.mark.parametrize("key", ["llm", "llm.temperature", "llm.api_base"])
def test_what_is_cleared_is_won_by_the_null(key: str) -> None:
    files = {"_defaults": {"llm": {"temperature": 1, "api_base": "https://p.example"}}, "a": {"llm": None}}
    explanation = explained(values(files), key)
    assert explanation.winner is not None
    assert (explanation.winner.layer, explanation.winner.cleared, explanation.value) == ("agent", True, None)


@pytest.mark.parametrize("key", ["variants.NOSUCH.llm.model", "llm.fallbacks[9].temperature", "nosuch"])
def test_what_nobody_says_is_no_key(key: str) -> None:
    variants = {"experiment": {"control": "one"}, "variants": {"one": {"weight": 1}}}
    llm = {"model": "p/x", "temperature": 1, "fallbacks": [{"model": "p/y"}]}
    with pytest.raises(KeyNotFound):
        explained(values({"a": {"llm": llm, **variants}}), key)


def test_an_index_may_be_written_with_a_dot() -> None:
    text = "llm:\n  model: p/x\n  fallbacks:\n    - model: p/y\n    - model: p/z\n      temperature: 0.9\n"
    for key in ("llm.fallbacks.1.temperature", "llm.fallbacks[1].temperature"):
        explanation = explained(texts({"a.yaml": text}), key)
        assert explanation.key == "llm.fallbacks[1].temperature"
        [layer] = explanation.layers
        assert (layer.line, layer.column, layer.value) == (6, 20, 0.9)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("instructions: null\ninstructions_file: q.md\nllm: {model: p/x}\n", 2),
        ("instructions_file: null\ninstructions: Be kind.\nllm: {model: p/x}\n", 2),
        ("name: A\ninstructions_file: q.md\nllm: {model: p/x}\n", 2),
    ],
)
def test_a_prompt_is_explained_by_the_line_that_says_it(text: str, line: int) -> None:
    explanation = explained(texts({"a.yaml": text, "q.md": "Be kind."}), "instructions")
    assert explanation.winner is not None
    assert explanation.winner.line == line


def test_what_show_prints_though_nobody_says_it_is_explained() -> None:
    explanation = explained(values({"a": MODEL}), "enabled")
    assert (explanation.value, explanation.layers) == (True, ())
