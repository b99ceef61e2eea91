from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agentconf import load
from agentconf.errors import AgentDisabled, AgentNotFound, KeyNotFound
from agentconf.snapshot.snapshot import Snapshot
from agentconf.testing import snapshot_of

LLM = {"model": "openai/gpt-4.1", "temperature": 0.2, "extra": {"top_k": 40}, "extra_headers": {"X-Team": "search"}}
AGENT = {
    "llm": {**LLM, "fallbacks": [{"model": "mistral/mistral-large-2512"}]},
    "tags": ["a"],
    "metadata": {"deep": {"er": [1]}},
    "variants": {"plain": {"weight": 1}},
    "experiment": {"control": "plain"},
}


@pytest.fixture
def snapshot() -> Snapshot:
    return snapshot_of({
        "code-assistant": AGENT,
        "team/analyst": {"llm": LLM},
        "off": {"enabled": False, "llm": LLM},
        "_settings": {"default_agent": "team-lead"},
        "team-lead": {"llm": LLM},
    })  # fmt: skip


def test_it_is_a_mapping_of_the_agents_that_are_served(snapshot: Snapshot) -> None:
    assert isinstance(snapshot, Mapping)
    assert sorted(snapshot) == ["analyst", "code-assistant", "team-lead"]
    assert (len(snapshot), "analyst" in snapshot, "off" in snapshot, "" in snapshot) == (3, True, False, False)
    assert snapshot["analyst"].id == "analyst"
    assert snapshot["analyst"].file == "team/analyst.yaml"
    assert snapshot.get("nobody") is None
    assert dict(snapshot).keys() == set(snapshot)


def test_an_unknown_agent_is_a_key_error_with_the_nearest_name(snapshot: Snapshot) -> None:
    with pytest.raises(KeyError) as raised:
        snapshot["code-asistant"]
    assert isinstance(raised.value, AgentNotFound)
    assert str(raised.value) == "there is no agent 'code-asistant'; did you mean 'code-assistant'?"


def test_a_disabled_agent_is_not_found_and_not_replaced(snapshot: Snapshot) -> None:
    for ask in (snapshot.__getitem__, snapshot.resolve):
        with pytest.raises(AgentDisabled, match=r"the agent 'off' is disabled \(enabled: false\)"):
            ask("off")
    assert issubclass(AgentDisabled, AgentNotFound)


def test_an_unknown_agent_is_resolved_to_the_default_one(snapshot: Snapshot) -> None:
    assert snapshot.resolve("analyst") is snapshot["analyst"]
    assert snapshot.resolve("no-such-agent") is snapshot["team-lead"]


def test_without_a_default_agent_and_providers_the_machines_model_answers() -> None:
    snapshot = snapshot_of({"a": {"llm": LLM}})
    last = snapshot.resolve("no-such-agent")
    assert (last.id, last.file) == ("default", "")
    assert last.llm.model == "ollama/mistral:7b-instruct"
    assert last.llm.api_base == "http://localhost:11434"


def test_where_providers_are_declared_the_machines_model_does_not_answer() -> None:
    snapshot = snapshot_of({"_defaults": {"providers": {"openai": {}}}, "a": {"llm": {"model": "openai/gpt-4.1"}}})
    with pytest.raises(AgentNotFound, match="there is no agent 'no-such-agent'"):
        snapshot.resolve("no-such-agent")


def test_an_agent_is_typed(snapshot: Snapshot) -> None:
    agent = snapshot["code-assistant"]
    assert (agent.llm.model, agent.llm.temperature, agent.llm.max_tokens) == ("openai/gpt-4.1", 0.2, None)
    assert agent.llm.fallbacks[0].temperature == 0.2
    assert agent.tags == ("a",)
    assert agent.variants["plain"].llm.model == "openai/gpt-4.1"
    assert (agent.environment, agent.enabled) == (None, True)


def test_the_primary_is_the_first_that_is_enabled() -> None:
    def primary(**llm: Any) -> str | None:
        entry = snapshot_of({"a": {"llm": {"model": "a/1", "fallbacks": [{"model": "a/2"}, {"model": "a/3"}], **llm}}})[
            "a"
        ].primary
        return entry.model if entry else None

    off = [{"model": "a/2", "enabled": False}, {"model": "a/3"}]
    assert primary() == "a/1"
    assert primary(enabled=False) == "a/2"
    assert primary(enabled=False, fallbacks=off) == "a/3"
    assert primary(enabled=False, fallbacks=off[:1]) is None


CHANGES: dict[str, Callable[[Any], Any]] = {
    "a field": lambda agent: setattr(agent, "name", "x"),
    "a field of llm": lambda agent: setattr(agent.llm, "temperature", 1),
    "a field of a fallback": lambda agent: setattr(agent.llm.fallbacks[0], "model", "x/y"),
    "a variant": lambda agent: agent.variants.update(other=None),
    "a field of a variant": lambda agent: setattr(agent.variants["plain"], "weight", 9),
    "metadata": lambda agent: agent.metadata.update(a=1),
    "metadata below": lambda agent: agent.metadata["deep"].update(a=1),
    "a list in metadata": lambda agent: agent.metadata["deep"]["er"].append(2),
    "extra": lambda agent: agent.llm.extra.update(a=1),
    "headers": lambda agent: agent.llm.extra_headers.update(a="b"),
    "providers": lambda agent: agent.providers.update(a=None),
    "tags": lambda agent: agent.tags.append("b"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nothing_of_an_agent_can_be_changed(change: Callable[[Any], Any], snapshot: Snapshot) -> None:
    before = snapshot["code-assistant"].model_dump()
    with pytest.raises((ValidationError, TypeError, AttributeError)):
        change(snapshot["code-assistant"])
    assert snapshot["code-assistant"].model_dump() == before


def test_agents_can_be_compared_copied_and_sent(snapshot: Snapshot) -> None:
    agent = snapshot["code-assistant"]
    assert copy.deepcopy(agent) == agent
    assert pickle.loads(pickle.dumps(agent)) == agent
    assert agent.model_dump(mode="json")["metadata"] == {"deep": {"er": [1]}}
    assert agent != snapshot["analyst"]


def test_agents_share_their_providers() -> None:
    tree = {"_defaults": {"providers": {"openai": {}}, "llm": {"model": "openai/gpt-4.1"}}, "a": {}, "b": {}}
    snapshot = snapshot_of(tree)
    assert snapshot["a"].providers is snapshot["b"].providers


def test_it_says_what_it_is(snapshot: Snapshot) -> None:
    assert snapshot.environment is None
    assert snapshot.generation == 1
    assert snapshot.digest.startswith("sha256:")
    assert repr(snapshot) == f"<Snapshot of 3 agents, {snapshot.digest}>"
    assert snapshot.diagnostics == ()
    assert snapshot.require_valid() is snapshot


def test_keys_are_explained(snapshot: Snapshot) -> None:
    explanation = snapshot.explain("code-assistant", "llm.temperature")
    assert explanation.value == 0.2
    assert explanation.winner is not None
    assert (explanation.winner.layer, explanation.winner.file) == ("agent", "code-assistant.yaml")


@pytest.mark.parametrize(
    ("agent", "key", "error"),
    [
        ("nobody", "llm.model", AgentNotFound),
        ("analyst", "llm.seed", KeyNotFound),
        ("analyst", "llm..model", ValueError),
    ],
)
def test_what_cannot_be_explained_is_said(agent: str, key: str, error: type[Exception], snapshot: Snapshot) -> None:
    with pytest.raises(error):
        snapshot.explain(agent, key)


def test_a_broken_lock_takes_no_service_down(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("llm: {model: openai/gpt-4.1}\n")
    (tmp_path / "_models.lock.json").write_text("{}")
    snapshot = load(tmp_path)
    assert list(snapshot) == ["a"]
    assert [finding.code for finding in snapshot.diagnostics] == ["AC320"]
