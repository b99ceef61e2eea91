from __future__ import annotations

import time
from datetime import date

import pytest

from agentconf.catalogue.assemble import catalogue_of
from agentconf.catalogue.catalogue import Catalogue
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.catalogue.lock import Lock
from agentconf.frozen import FrozenDict
from tests.support import document_of

OWN = """
models:
  openai/in-house:
    mode: chat
    max_input_tokens: 8000
    input_per_million: 1.5
    capabilities: [tools, vision]
    retires: 2027-01-01
    successor: openai/in-house-2
  azure/gpt-4.1:
    input_per_million: 0
  x-openai/gone: {mode: chat}
"""


def never() -> LiteLLMFile | None:
    raise AssertionError("LiteLLM's file was read, and nobody needed it")


@pytest.fixture
def catalogue(litellm: LiteLLMFile) -> Catalogue:
    return catalogue_of(document_of(OWN), None, lambda: litellm)


def test_the_trees_own_facts(catalogue: Catalogue) -> None:
    facts = catalogue.find("openai/in-house")
    assert facts is not None
    assert (facts.source, facts.mode, facts.max_input_tokens, facts.max_output_tokens) == ("models", "chat", 8000, None)
    assert (facts.input_per_million, facts.output_per_million) == (1.5, None)
    assert (facts.retires, facts.successor) == (date(2027, 1, 1), "openai/in-house-2")
    assert not facts.is_priced


def test_a_list_of_capabilities_is_whole(catalogue: Catalogue) -> None:
    facts = catalogue.find("openai/in-house")
    assert facts is not None
    assert (facts.has("tools"), facts.has("function_calling"), facts.has("reasoning")) == (True, True, False)


def test_own_facts_win_key_by_key(catalogue: Catalogue, litellm: LiteLLMFile) -> None:
    facts, below = catalogue.find("azure/gpt-4.1"), litellm.find("azure/gpt-4.1")
    assert facts is not None
    assert below is not None
    assert facts.input_per_million == 0
    assert (facts.output_per_million, facts.has("tools")) == (below.output_per_million, True)
    assert facts.source == "models"


def test_a_provider_under_a_name_of_ones_own(catalogue: Catalogue) -> None:
    assert catalogue.find("azure-eu/gpt-4.1") is None
    found = catalogue.find("azure-eu/gpt-4.1", "azure")
    assert found is not None
    assert (found.source, found.input_per_million) == ("models", 0)


def test_what_is_switched_off_says_nothing(catalogue: Catalogue) -> None:
    assert catalogue.find("x-openai/gone") is None


def test_the_lock_hides_what_litellm_says_today(litellm: LiteLLMFile) -> None:
    locked = Facts("openai/gpt-4.1", "lock", output_per_million=7, capabilities=FrozenDict({"tools": False}))
    catalogue = Catalogue(lock=Lock("1.0", {"openai/gpt-4.1": locked}), load=lambda: litellm)
    facts = catalogue.find("openai/gpt-4.1")
    assert facts is locked
    other = catalogue.find("openai/gpt-4.1-mini")
    assert other is not None
    assert other.source == "litellm"


def test_litellms_file_is_not_read_where_own_facts_and_lock_answer() -> None:
    locked = Facts("local/a", "lock", parameters=frozenset(("stop",)))
    catalogue = Catalogue({"local/a": Facts("local/a", "models", mode="chat")}, Lock("1.0", {"local/a": locked}), never)
    facts = catalogue.find("local/a", "openai")
    assert facts is not None
    assert (facts.mode, facts.parameters) == ("chat", frozenset(("stop",)))


def test_parameters_alone_do_not_make_a_model_known() -> None:
    catalogue = Catalogue(lock=Lock("1.0", {"local/a": Facts("local/a", "lock", parameters=frozenset(("stop",)))}))
    assert catalogue.find("local/a") is None


def test_without_lock_and_litellm_nothing_is_known() -> None:
    assert Catalogue().is_empty
    assert Catalogue().find("openai/gpt-4.1") is None
    assert not Catalogue(lock=Lock(None, {})).is_empty


@pytest.mark.parametrize(
    ("wrong", "declared", "right"),
    [
        ("openai/gpt4.1-mini", None, "openai/gpt-4.1-mini"),
        ("azure-eu/gpt-4.1-mni", "azure", "azure-eu/gpt-4.1-mini"),
        ("anthropic/claude-sonet-4-6", None, "anthropic/claude-sonnet-4-6"),
        ("opnai/gpt-4.1", None, "openai/gpt-4.1"),
        ("openai/in-hause", None, "openai/in-house"),
    ],
)
def test_the_name_that_was_meant(catalogue: Catalogue, wrong: str, declared: str | None, right: str) -> None:
    assert catalogue.nearest(wrong, declared)[0] == right


def test_a_name_that_nobody_could_mean_has_no_neighbours_and_costs_little(catalogue: Catalogue) -> None:
    started = time.process_time()
    assert catalogue.nearest("nobody/" + "x" * 100_000) == []
    assert time.process_time() - started < 2


def test_every_name_of_the_catalogue_is_found_under_it(catalogue: Catalogue) -> None:
    names = list(catalogue.names())
    assert len(names) > 3000
    assert [name for name in names if catalogue.find(name) is None] == []
