from __future__ import annotations

import json
from pathlib import Path

import pytest

import agentconf
from tests.cli.console import Console


def test_json_has_the_published_shape(repository: Console) -> None:
    said = repository("show", "assistant", "-e", "prod", "--format", "json").json
    assert {key: said[key] for key in ("id", "environment", "file", "has_api_key")} == {
        "id": "assistant", "environment": "prod", "file": "agents.d/assistant.yaml", "has_api_key": True,
    }  # fmt: skip
    assert said["digest"] == repository("validate", "--format", "json").json["digests"]["prod"]
    assert said["config"]["llm"]["fallbacks"][0]["model"] == "openai/gpt-4.1"
    assert said["config"]["providers"]["openai"] == {"api_key": "${env:OPENAI_API_KEY}"}
    assert "api_key" not in said["config"]["llm"]


def test_text_is_yaml_that_reads_back(repository: Console) -> None:
    from tests.support import document_of

    shown = repository("show", "assistant", "-e", "prod").out
    said = repository("show", "assistant", "-e", "prod", "--format", "json").json
    assert document_of(shown).value == said["config"]


def test_show_agrees_with_load(repository: Console) -> None:
    agent = agentconf.load("agents.d", environment="dev")["extractor"]
    said = repository("show", "extractor", "-e", "dev", "--format", "json").json["config"]
    assert said["llm"]["max_tokens"] == agent.llm.max_tokens == 500
    assert said["llm"]["temperature"] == agent.llm.temperature == 0


def test_an_agent_with_errors_shows_them_and_fails(repository: Console) -> None:
    repository.write("agents.d/broken.yaml", "llm: {model: nowhere/x}")
    outcome = repository("show", "broken")
    assert (outcome.status, outcome.out) == (1, "")
    assert "AC310" in outcome.err


def test_a_disabled_agent_can_be_shown(repository: Console) -> None:
    repository.write("agents.d/off.yaml", "enabled: false")
    assert repository("show", "off", "--format", "json").json["config"]["enabled"] is False


def test_list_has_the_published_shape(repository: Console) -> None:
    repository.write("agents.d/off.yaml", "enabled: false\nname: Off")
    rows = {row["id"]: row for row in repository("list", "-e", "prod", "--format", "json").json}
    assert rows["assistant"] == {
        "id": "assistant", "name": "Assistant", "owner": "platform@example.com", "tags": ["interactive"],
        "enabled": True,
        "file": "agents.d/assistant.yaml", "environment": "prod", "model": "anthropic/claude-sonnet-4-6",
        "provider": "anthropic",
    }  # fmt: skip
    assert rows["off"]["enabled"] is False
    assert "off (disabled)" in repository("list").out


def test_list_leaves_out_agents_with_errors_and_says_so(repository: Console) -> None:
    repository.write("agents.d/broken.yaml", "llm: 5")
    outcome = repository("list", "--format", "json")
    assert outcome.status == 1
    assert "broken" not in {row["id"] for row in json.loads(outcome.out)}
    assert outcome.err == "1 agent has errors and is not shown; see 'agentconf validate'\n"


def test_the_tree_is_found_by_the_environment(
    repository: Console, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENTCONF_DIR", str(repository.folder / "agents.d"))
    monkeypatch.setenv("AGENTCONF_ENVIRONMENT", "prod")
    monkeypatch.chdir(tmp_path)
    assert {row["environment"] for row in repository("list", "--format", "json").json} == {"prod"}
