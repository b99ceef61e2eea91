"""What the schemas find, as sentences made to be read."""

from __future__ import annotations

import pytest

from agentconf.config import shape
from agentconf.diagnostic import Diagnostic
from agentconf.document.parse import FAULTS_LIMIT
from tests.support import document_of


def findings(text: str, kind: str = "agent") -> list[Diagnostic]:
    return list(dict.fromkeys(shape.findings(document_of(text), kind)))


def only(text: str, kind: str = "agent") -> Diagnostic:
    [finding] = findings(text, kind)
    return finding


HINTS = {
    "llm: {temprature: 1}": "did you mean 'temperature'?",
    "lmm: {}": "did you mean 'llm'?",
    "temperature: 1": "it belongs under llm",
    "llm: {budget: {}}": "it belongs under limits",
    "llm: {usd: 1}": "it belongs under limits.budget",
    "llm: {name: A}": "it belongs at the top level",
    "llm: {extends: a}": "it belongs at the top level of an agent or a profile",
    "weight: 1": "it belongs under variants.NAME",
    "llm: {top_k: 1}": "it belongs under llm.extra",
    "system_prompt: a": "write instructions",
    "metric: a": "it belongs under experiment",
    "requires: {tags: []}": "it belongs at the top level",
    "api_key: a": "it belongs under providers.NAME, in _defaults.yaml, a profile or an environment",
    "providers: {}": "providers belong in _defaults.yaml, a profile or an environment",
    "zzz: 1": "delete it, or put x- in front to keep it switched off",
    "environments: {prod: {extends: a}}": "it belongs at the top level of an agent or a profile",
    "variants: {a: {wieght: 1}}": "did you mean 'weight'?",
    "llm: {fallbacks: [{model: a/b, temprature: 1}]}": "did you mean 'temperature'?",
    "limits: {budget: {USD: 1}}": "did you mean 'usd'?",
    "llm: {max-tokens: 1}": "did you mean 'max_tokens'?",
}


@pytest.mark.parametrize("text", HINTS)
def test_an_unknown_key_is_told_where_it_belongs_or_what_was_meant(text: str) -> None:
    [finding, *_] = [finding for finding in findings(text) if finding.code == "AC102"]
    assert finding.hint == HINTS[text]
    assert finding.fixable == HINTS[text].startswith("did you mean")


def test_a_model_in_the_file_of_models_belongs_under_models() -> None:
    assert only("openai/in-house: {mode: chat}", "models").hint == "it belongs under models"


def test_a_key_of_a_layer_in_an_environments_file_belongs_in_a_block() -> None:
    assert only("llm: {}", "environment").hint == "it belongs under defaults or overrides"
    assert only("default: a", "settings").hint == "write default_agent"


MESSAGES = {
    "llm: {temperature: '0.2'}": ("AC101", "llm.temperature must be a number, not the text '0.2'", "remove the quotes"),
    "enabled: no": ("AC101", "enabled must be true or false, not the text 'no'", "write false"),
    "enabled: On": ("AC101", "enabled must be true or false, not the text 'On'", "write true"),
    "name: 12": ("AC101", "name must be text, not 12", "put it in quotes"),
    "name: true": ("AC101", "name must be text, not true", "put it in quotes"),
    "tags: pii": ("AC101", "tags must be a list, not the text 'pii'", "write [pii]"),
    "llm: openai": (
        "AC101",
        "llm must be a mapping of keys, not a text",
        "put its keys on lines of their own, indented",
    ),
    "llm: [a]": ("AC101", "llm must be a mapping of keys, not a list", None),
    "llm: {max_tokens: 1.5}": ("AC101", "llm.max_tokens must be a whole number, not 1.5", None),
    "llm: {timeout: []}": ("AC101", "llm.timeout must be a number or text, not a list", None),
    "llm: {stop: 5}": ("AC101", "llm.stop must be text or a list, not 5", "put it in quotes"),
    "llm: {temperature: 3}": ("AC104", "llm.temperature must be at most 2, not 3", None),
    "llm: {temperature: -1}": ("AC104", "llm.temperature must be at least 0, not -1", None),
    "llm: {timeout: 0}": ("AC104", "llm.timeout must be more than 0, not 0", None),
    "limits: {budget: {per: week}}": (
        "AC105",
        "limits.budget.per must be one of hour, day, month, not the text 'week'",
        None,
    ),
    "limits: {budget: {per: Day}}": (
        "AC105",
        "limits.budget.per must be one of hour, day, month, not the text 'Day'",
        "did you mean 'day'?",
    ),
    "llm: {model: gpt-4.1}": (
        "AC106",
        "llm.model must be provider/model, such as openai/gpt-4.1-mini",
        "name the provider too: openai/gpt-4.1, for example",
    ),
    "llm: {timeout: 5 minutes}": (
        "AC106",
        "llm.timeout must be more than 0 seconds, or a duration such as 30s, 2m or 1.5h",
        None,
    ),
    "llm: {timeout: 0s}": (
        "AC106",
        "llm.timeout must be more than 0 seconds, or a duration such as 30s, 2m or 1.5h",
        None,
    ),
    "experiment: {ends: 31.3.2027}": ("AC106", "experiment.ends must be a date such as 2027-03-31", None),
    "experiment: {ends: 2027-02-29}": ("AC106", "experiment.ends must be a date such as 2027-03-31", None),
    "delegates: [A]": (
        "AC106",
        "delegates[0] must be lower-case letters, digits, '.', '_' and '-', at most 64 of them",
        None,
    ),
    "llm: {fallbacks: [{}]}": ("AC103", "llm.fallbacks[0] lacks 'model'", "add model: ..."),
}


@pytest.mark.parametrize("text", MESSAGES)
def test_a_wrong_value_is_said_in_a_sentence(text: str) -> None:
    finding = only(text)
    assert (finding.code, finding.message, finding.hint) == MESSAGES[text]


@pytest.mark.parametrize("value", ["x" * 41, "'two\n\n  lines'"])
def test_a_long_text_is_not_repeated(value: str) -> None:
    assert only(f"enabled: {value}").message == "enabled must be true or false, not a text"


def test_a_long_number_is_not_repeated() -> None:
    assert len(only(f"llm: {{temperature: {'9' * 4000}}}").message) < 60
    assert len(only(f"name: {'9' * 4000}").message) < 60


def test_what_is_nested_is_found_at_its_place() -> None:
    text = "variants:\n  a:\n    weight: 1\n    llm:\n      fallbacks:\n        - model: a/b\n          top_p: 2\n"
    text += "experiment: {control: a}\n"
    finding = only(text)
    assert (finding.key, finding.line, finding.column) == ("variants.a.llm.fallbacks[0].top_p", 7, 18)


def test_a_file_with_more_than_a_hundred_mistakes_gets_a_hundred_and_says_so() -> None:
    found = findings("".join(f"k{number}: 1\n" for number in range(FAULTS_LIMIT + 5)))
    assert [finding.code for finding in found] == ["AC102"] * FAULTS_LIMIT + ["AC112"]
    assert len(findings("".join(f"k{number}: 1\n" for number in range(FAULTS_LIMIT)))) == FAULTS_LIMIT


def test_what_the_text_was_refused_for_is_not_refused_again() -> None:
    for text in (
        "name:\n",
        "name: {{ NAME }}\n",
        "llm: {temperature: .inf}\n",
        "tags: [.nan]\n",
        "llm: {fallbacks: [{}, {model: }]}",
    ):
        assert document_of(text).faults
        assert "AC101" not in {finding.code for finding in findings(text)}


def test_schemas_reach_for_nothing_outside() -> None:
    assert shape.canonical_text({"b": 1.0, "a": [None, "é"]}) == '{"a":[null,"é"],"b":1}'


@pytest.mark.parametrize(
    "text", ["{}", "x-anything: {goes: [here]}", "llm: null", "metadata: {anything: {goes: [here, null]}}"]
)
def test_what_is_well_formed_has_no_findings(text: str) -> None:
    assert shape.is_well_formed(document_of(text), "agent")
    assert findings(text) == []
