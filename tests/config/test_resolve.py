from __future__ import annotations

import copy
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf import pipeline
from agentconf.config.agent import Llm
from agentconf.config.resolve import INHERITED_BY_FALLBACKS, Resolver
from agentconf.live.machine import machine_layers
from agentconf.snapshot.seal import Sealer
from tests import generated
from tests.support import resolved, texts, values

SAMPLING = {
    "temperature": 0.1, "top_p": 0.2, "max_tokens": 3, "timeout": 4.0, "stream_timeout": 5.0, "num_retries": 6,
    "seed": 7, "stop": "8", "frequency_penalty": 0.9, "presence_penalty": 1.0, "reasoning_effort": "low",
    "response_format": {"type": "text"},
}  # fmt: skip
OTHERS = {
    "enabled": True, "api_base": "https://h", "api_key": "${env:A}", "api_version": "1", "extra_headers": {"A": "b"},
    "cost": {"input_per_million": 1}, "extra": {"a": 1},
}  # fmt: skip


def test_a_fallback_inherits_the_sampling_keys_and_nothing_else() -> None:
    llm = {"model": "a/b", **SAMPLING, **OTHERS, "fallbacks": [{"model": "c/d"}]}
    assert set(SAMPLING) == set(INHERITED_BY_FALLBACKS)
    assert {"model", "fallbacks", *SAMPLING, *OTHERS} == set(Llm.model_fields)
    assert resolved(values({"a": {"llm": llm}}))["llm"]["fallbacks"] == [{"model": "c/d", **SAMPLING}]


@pytest.mark.parametrize("key", INHERITED_BY_FALLBACKS)
def test_a_fallbacks_own_key_counts_and_null_says_that_nothing_is_sent(key: str) -> None:
    own = {
        **SAMPLING,
        "temperature": 0.9,
        "max_tokens": 99,
        "stop": ["own"],
        "response_format": {"type": "json_object"},
    }
    llm = {"model": "a/b", **SAMPLING, "fallbacks": [{"model": "c/d", key: own[key]}, {"model": "e/f", key: None}]}
    with_own, without = resolved(values({"a": {"llm": llm}}))["llm"]["fallbacks"]
    assert with_own[key] == own[key]
    assert key not in without


def test_an_agent_without_environment_has_no_environment_layers() -> None:
    tree = {
        "_environments/prod": {"defaults": {"owner": "d"}, "overrides": {"name": "o"}},
        "a": {"llm": {"model": "a/b"}, "environments": {"prod": {"description": "e"}}},
    }
    assert resolved(values(tree)) == {"llm": {"model": "a/b"}}
    assert resolved(values(tree), environment="prod") == {
        "llm": {"model": "a/b"},
        "owner": "d",
        "name": "o",
        "description": "e",
    }


def test_a_folders_defaults_hold_for_its_agents_alone() -> None:
    llm = {"llm": {"model": "a/b"}}
    tree = values(
        {
            "t/_defaults": {"owner": "t"},
            "t/u/_defaults": {"owner": "u"},
            "a": llm,
            "t/b": llm,
            "t/u/c": llm,
            "tt/d": llm,
        }
    )
    assert [resolved(tree, name).get("owner") for name in "abcd"] == [None, "t", "u", None]


def test_an_instructions_file_overrides_instructions_below_and_the_other_way_round() -> None:
    tree = texts({
        "_defaults.yaml": "llm: {model: a/b}\ninstructions: below\n",
        "a.yaml": "instructions_file: p.md\n",
        "_profiles/p.yaml": "instructions_file: ../p.md\n",
        "b.yaml": "extends: p\ninstructions: above\n",
        "p.md": "\ufefffrom the file\r\n",
    })  # fmt: skip
    assert resolved(tree, "a")["instructions"] == "from the file\n"
    assert resolved(tree, "b")["instructions"] == "above"


@given(st.integers(0, 2**32).map(Random), st.sampled_from((None, "prod")))
def test_resolving_is_the_same_in_any_order_and_any_number_of_times(random: Random, environment: str | None) -> None:
    draft = pipeline.draft(values(generated.tree(random)))
    resolver = Resolver(draft.config, environment)
    first = {name: copy.deepcopy(resolver.resolve(agent).config) for name, agent in draft.config.agents.items()}
    for name in reversed(first):
        Sealer().seal(resolver.resolve(draft.config.agents[name]))
        assert resolver.resolve(draft.config.agents[name]).config == first[name]
        assert Resolver(draft.config, environment).resolve(draft.config.agents[name]).config == first[name]


def test_the_machines_layers_lie_below_the_trees() -> None:
    draft = pipeline.draft(values({"a": {"llm": {"temperature": 0.5}}, "b": {"llm": {"model": "openai/gpt-4.1"}}}))
    machine = machine_layers(
        {"AGENTCONF_LLM_TEMPERATURE": "0.1", "AGENTCONF_LLM_MAX_TOKENS": "7", "AGENTCONF_LLM_TIMEOUT": "2m"}
    )
    resolver = Resolver(draft.config, None, machine)
    assert resolver.resolve(draft.config.agents["a"]).config["llm"] == {
        "model": "ollama/mistral:7b-instruct",
        "api_base": "http://localhost:11434",
        "temperature": 0.5,
        "max_tokens": 7,
        "timeout": 120.0,
    }
    assert resolver.resolve(draft.config.agents["b"]).config["llm"] == {
        "model": "openai/gpt-4.1",
        "temperature": 0.1,
        "max_tokens": 7,
        "timeout": 120.0,
    }
