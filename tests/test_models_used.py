from __future__ import annotations

from agentconf import pipeline
from agentconf.models_used import ModelUse, models_used
from tests.support import texts

TREE = {
    "_defaults.yaml": "providers: {openai: {}, azure-eu: {type: azure}, local: {type: openai}}\n",
    "_environments/dev.yaml": "overrides: {llm: {model: local/a, fallbacks: []}}\n",
    "_environments/prod.yaml": "{}\n",
    "a.yaml": "llm: {model: openai/x, fallbacks: [{model: azure-eu/y}, {model: openai/x, enabled: false}]}\n",
    "b.yaml": """
enabled: false
llm: {model: openai/x}
variants: {one: {weight: 1, llm: {model: openai/z}}, two: {weight: 1}}
experiment: {control: two}
""",
}


def test_every_model_of_every_chain_variant_and_environment() -> None:
    used = models_used(pipeline.draft(texts(TREE)))
    assert used.uses == (
        ModelUse("azure-eu/y", "azure", {"a": ("prod",)}),
        ModelUse("local/a", "openai", {"a": ("dev",), "b": ("dev",)}),
        ModelUse("openai/x", None, {"a": ("prod",), "b": ("prod",)}),
        ModelUse("openai/z", None, {"b": ("prod",)}),
    )
    assert not used.refused


def test_some_environments() -> None:
    used = models_used(pipeline.draft(texts(TREE)), ["dev"])
    assert [use.model for use in used.uses] == ["local/a"]


def test_agents_with_errors_are_named() -> None:
    used = models_used(pipeline.draft(texts({**TREE, "c.yaml": "llm: 5\n"})))
    assert used.refused == {"c"}
