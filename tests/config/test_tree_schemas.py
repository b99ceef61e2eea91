from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agentconf import pipeline
from agentconf.config.schemas import published
from agentconf.config.tree_schemas import Names, listed_names, names_of, with_names
from agentconf.source.tree import Tree
from tests.support import texts

TREE = texts({
    "_defaults.yaml": (
        "providers: {openai: {}, x-old: {}, 'sk-ant-0123456789abcdef': {}}\nllm: {model: openai/gpt-4.1}\n"
    ),
    "_environments/prod.yaml": "overrides: {providers: {azure-eu: {type: azure}}, llm: {model: azure-eu/gpt-5.6}}\n",
    "_profiles/careful.yaml": "llm: {temperature: 0}\n",
    "_models.yaml": "models: {openai/in-house: {mode: chat}}\n",
    "_settings.yaml": "environments: [prod, staging]\n",
    "analyst.yaml": (
        "llm: {fallbacks: [{model: openai/gpt-4.1-mini}]}\n"
        "environments: {prod: {llm: {model: 'openai/gpt-5.6'}}}\n"
        "metadata: {model: not/one}\n"
        "x-llm: {model: openai/off}\n"
    ),
    "broken.yaml": "llm: [\n",
})  # fmt: skip

NAMES = Names(
    agents=("analyst", "broken"),
    environments=("prod", "staging"),
    models=("azure-eu/gpt-5.6", "openai/gpt-4.1", "openai/gpt-4.1-mini", "openai/gpt-5.6", "openai/in-house"),
    profiles=("careful",),
    providers=("azure-eu", "openai"),
)


def of(tree: Tree) -> Names:
    return names_of(pipeline.draft(tree).config)


def test_the_names_are_those_of_the_tree_without_what_is_off_or_looks_like_a_key() -> None:
    assert of(TREE) == NAMES


def test_an_empty_tree_adds_nothing() -> None:
    assert with_names(published(), of(texts({}))) == published()


def test_a_schema_says_which_names_it_was_made_with() -> None:
    for kind, schema in with_names(published(), NAMES).items():
        assert listed_names(schema) == (Names() if kind == "models" else NAMES)
        assert listed_names(published()[kind]) == Names()


def test_the_published_schemas_are_left_as_they_are() -> None:
    schemas = published()
    before = json.dumps(schemas)
    with_names(schemas, NAMES)
    assert json.dumps(schemas) == before


DOCUMENTS: list[tuple[str, Any]] = [
    ("agent", {"extends": "careful"}),
    ("agent", {"extends": ["careful", "newer"]}),
    ("agent", {"extends": None, "delegates": ["analyst", "newer"]}),
    ("agent", {"delegates": ["Not An Id"]}),
    ("agent", {"llm": {"model": "openai/newer", "fallbacks": [{"model": "openai/gpt-4.1"}]}}),
    ("agent", {"llm": {"model": "no provider"}}),
    ("agent", {"llm": {"model": None}}),
    ("agent", {"environments": {"prod": {"llm": {"model": "openai/gpt-4.1"}}, "newer": {}}}),
    ("agent", {"environments": {"prod": {"nonesuch": 1}}}),
    ("agent", {"environments": {"newer": {"nonesuch": 1}}}),
    ("defaults", {"providers": {"openai": {"region": "eu"}, "newer": {"region": 1}}}),
    ("defaults", {"providers": {"openai": {"nonesuch": 1}}}),
    ("environment", {"overrides": {"providers": {"azure-eu": None}}}),
    ("settings", {"default_agent": "analyst", "environments": ["prod", "newer"]}),
    ("settings", {"default_agent": "Not An Id"}),
    ("settings", {"environments": "prod"}),
]


@pytest.mark.parametrize(("kind", "document"), DOCUMENTS)
def test_names_are_listed_for_completion_and_change_no_verdict(kind: str, document: Any) -> None:
    ours = Draft202012Validator(with_names(published(), NAMES)[kind])
    assert ours.is_valid(document) == Draft202012Validator(published()[kind]).is_valid(document)


@pytest.mark.parametrize("kind", sorted(published()))
def test_the_schemas_are_schemas(kind: str) -> None:
    Draft202012Validator.check_schema(with_names(published(), NAMES)[kind])
