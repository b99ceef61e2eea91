"""`snapshot_of`: what the tests of other services hold on to."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from agentconf import testing
from agentconf.errors import InvalidConfig, UnknownEnvironment
from agentconf.testing import snapshot_of


def test_the_example_in_its_docstring_holds() -> None:
    assert doctest.testmod(testing) == doctest.TestResults(failed=0, attempted=2)


def test_every_kind_of_file_may_be_given() -> None:
    tree: dict[str, dict[str, Any]] = {
        "_defaults": {"llm": {"model": "openai/gpt-4.1", "temperature": 0.1}},
        "trading/_defaults": {"owner": "trading"},
        "_profiles/careful": {"llm": {"temperature": 0.2}},
        "_environments/prod": {"overrides": {"llm": {"num_retries": 3}}},
        "_settings": {"default_agent": "strategist"},
        "trading/strategist": {"extends": "careful"},
    }
    agent = snapshot_of(tree, environment="prod")["strategist"]
    assert (agent.owner, agent.llm.temperature, agent.llm.num_retries) == ("trading", 0.2, 3)
    assert (agent.file, agent.environment) == ("trading/strategist.yaml", "prod")


def test_mistakes_are_those_of_load() -> None:
    with pytest.raises(InvalidConfig) as raised:
        snapshot_of({"a": {"llm": {"model": "openai/gpt-4.1", "temprature": 1}}})
    [finding] = raised.value.diagnostics
    assert (finding.code, finding.file, finding.key) == ("AC102", "a.yaml", "llm.temprature")
    with pytest.raises(UnknownEnvironment, match="this tree has no environment 'prod': it has none"):
        snapshot_of({}, environment="prod")


def test_the_mappings_that_are_given_stay_as_they_are() -> None:
    given = {"a": {"llm": {"model": "openai/gpt-4.1", "timeout": "30s", "max_tokens": 5.0}}}
    assert snapshot_of(given)["a"].llm.timeout == 30.0
    assert given == {"a": {"llm": {"model": "openai/gpt-4.1", "timeout": "30s", "max_tokens": 5.0}}}


def test_the_digest_is_that_of_the_same_tree_in_files() -> None:
    assert snapshot_of({"a": {"llm": {"model": "a/b"}}}).digest == snapshot_of({"a": {"llm": {"model": "a/b"}}}).digest
    assert snapshot_of({"a": {"llm": {"model": "a/b"}}}).digest != snapshot_of({"a": {"llm": {"model": "a/c"}}}).digest
