from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.catalogue.facts import FACTS, Facts
from agentconf.catalogue.litellm_file import LiteLLMFile, parse_litellm


def facts_of(**entry: Any) -> Facts:
    """The facts about one model, from an entry as LiteLLM writes it."""
    found = LiteLLMFile({"p/m": entry}).find("p/m")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("model", "declared", "name"),
    [
        ("openai/gpt-4.1", None, "gpt-4.1"),
        ("anthropic/claude-sonnet-4-6", None, "claude-sonnet-4-6"),
        ("mistral/mistral-large-2512", None, "mistral/mistral-large-2512"),
        ("azure-eu/gpt-4.1", "azure", "azure/gpt-4.1"),
        ("bedrock/anthropic.claude-sonnet-4-6", None, "anthropic.claude-sonnet-4-6"),
        ("bedrock/converse/anthropic.claude-sonnet-4-6", None, "anthropic.claude-sonnet-4-6"),
        ("bedrock-eu/eu.anthropic.claude-sonnet-4-6", "bedrock_converse", "eu.anthropic.claude-sonnet-4-6"),
        ("vertex_ai/gemini-2.5-pro", None, "gemini-2.5-pro"),
        ("gemini/gemini-2.5-pro", None, "gemini/gemini-2.5-pro"),
        ("ollama_chat/mistral", None, "ollama/mistral"),
        ("openai/ft:gpt-4.1:acme::abc123", None, "ft:gpt-4.1-2025-04-14"),
        ("openai/ft:gpt-4.1-2025-04-14:acme::abc123", None, "ft:gpt-4.1-2025-04-14"),
        ("openai/ft:gpt-3.5-turbo:acme::abc123", None, "ft:gpt-3.5-turbo"),
    ],
)
def test_where_a_model_stands(litellm: LiteLLMFile, model: str, declared: str | None, name: str) -> None:
    found = litellm.find(model, declared)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "model",
    [
        "openai/claude-sonnet-4-6",  # another provider's
        "anthropic/gpt-4.1",
        "gpt-4.1",  # no provider
        "openai/sample_spec",
        "sample_spec/",
        "openai/fallback_generalizations",
        "openai/ft:gpt-4o:acme::abc123",  # there are two, and their prices may differ
        "openai/ft:(((:a",
        "openai/",
        "/",
        "",
    ],
)
def test_what_is_no_model_of_that_provider_is_unknown(litellm: LiteLLMFile, model: str) -> None:
    assert litellm.find(model) is None


def test_a_model_whole(litellm: LiteLLMFile) -> None:
    facts = litellm.find("openai/gpt-4.1")
    assert facts is not None
    assert (facts.mode, facts.provider, facts.source) == ("chat", "openai", "litellm")
    assert (facts.max_input_tokens, facts.max_output_tokens) == (1047576, 32768)
    assert (facts.input_per_million, facts.output_per_million, facts.cached_input_per_million) == (2.0, 8.0, 0.5)
    assert [facts.has(one) for one in ("tools", "function_calling", "vision", "structured_output", "flying")] == [
        True, True, True, True, None,
    ]  # fmt: skip


def test_prices_have_no_noise(litellm: LiteLLMFile) -> None:
    priced = [facts.input_per_million for name in litellm.names() if (facts := litellm.find(name))]
    assert max(len(repr(price)) for price in priced if price is not None) <= 12


def test_a_retirement_is_a_day(litellm: LiteLLMFile) -> None:
    facts = litellm.find("azure/gpt-5.6-luna")
    assert facts is not None
    assert isinstance(facts.retires, date)
    assert facts_of(deprecation_date="date when the model becomes deprecated").retires is None
    assert facts_of(deprecation_date="2026-13-01").retires is None
    assert facts_of(deprecation_date=20260101).retires is None


def test_numbers_that_are_written_as_text_are_read() -> None:
    facts = facts_of(input_cost_per_token="2e-06", max_input_tokens="8192", max_output_tokens=4096.0)
    assert (facts.input_per_million, facts.max_input_tokens, facts.max_output_tokens) == (2.0, 8192, 4096)


@pytest.mark.parametrize("wrong", ["a lot", True, None, [], {}, -1, float("nan"), float("inf"), "nan", 10**400, ""])
def test_numbers_that_are_none_are_unknown(wrong: Any) -> None:
    facts = facts_of(input_cost_per_token=wrong, max_input_tokens=wrong, max_tokens=wrong)
    assert (facts.input_per_million, facts.max_input_tokens, facts.max_output_tokens) == (None, None, None)


def test_max_tokens_is_the_output_where_it_is_less_than_the_input() -> None:
    assert facts_of(max_tokens=4096, max_input_tokens=128000).max_output_tokens == 4096
    assert facts_of(max_tokens=8192, max_input_tokens=8192).max_output_tokens is None
    assert facts_of(max_tokens=8192).max_input_tokens is None
    assert facts_of(max_tokens=1, max_output_tokens=2, max_input_tokens=3).max_output_tokens == 2


def test_nought_per_token_is_free_only_where_nothing_else_is_paid() -> None:
    assert facts_of(input_cost_per_token=0, output_cost_per_token=0).is_priced
    by_the_second = facts_of(input_cost_per_token=0, output_cost_per_token=0.0, output_cost_per_second=0.001)
    assert (by_the_second.input_per_million, by_the_second.output_per_million) == (None, None)
    assert facts_of(input_cost_per_token=0, input_cost_per_image=0).input_per_million == 0


def test_regions_by_the_entry_and_by_the_name(litellm: LiteLLMFile) -> None:
    assert facts_of(supported_regions=["global"]).regions == frozenset(("global",))
    assert facts_of(supported_regions="global").regions is None
    european = litellm.find("azure/eu/gpt-4o")
    assert european is not None
    assert european.regions == frozenset(("eu",))


@pytest.mark.parametrize("data", [b"", b"[]", b"3", b"{", b"\xff", b"[" * 100_000, b"<html>"])
def test_a_file_that_is_something_else_is_none(data: bytes) -> None:
    assert parse_litellm(data) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["litellm_provider", "mode", "max_tokens", "max_input_tokens", "max_output_tokens", "input_cost_per_token",
     "output_cost_per_token", "cache_read_input_token_cost", "deprecation_date", "supports_vision", "supports_",
     "supported_regions", "output_cost_per_second"]
) | st.text(max_size=8)  # fmt: skip


@given(entry=st.dictionaries(KEYS, JSON) | JSON)
def test_no_entry_whatever_raises_and_facts_are_of_their_types(entry: Any) -> None:
    shelf = LiteLLMFile({"p/m": entry, "ft:m": entry, "m": entry})
    for name in ("p/m", "openai/m", "openai/ft:m:x", *shelf.names()):
        facts = shelf.find(name)
        if facts is not None:
            known = {key: getattr(facts, key) for key in FACTS if getattr(facts, key) is not None}
            assert all(value >= 0 for value in known.values() if isinstance(value, int | float))
            assert all(isinstance(value, bool) for value in facts.capabilities.values())
            hash(facts)
