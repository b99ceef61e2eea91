from __future__ import annotations

from tests.cli.console import Console


def test_every_layer_that_spoke_and_the_one_that_won(repository: Console) -> None:
    said = repository("explain", "assistant", "llm.max_tokens", "-e", "dev", "--format", "json").json
    assert said == {
        "agent": "assistant", "environment": "dev", "key": "llm.max_tokens", "value": 500,
        "layers": [
            {"layer": "defaults", "file": "agents.d/_defaults.yaml", "line": 13, "column": 15,
             "value": 2000, "wins": False},
            {"layer": "environment-overrides", "file": "agents.d/_environments/dev.yaml", "line": 6, "column": 17,
             "value": 500, "wins": True},
        ],
    }  # fmt: skip


def test_a_cleared_key_says_so(repository: Console) -> None:
    repository.write("agents.d/a.yaml", "llm:\n  temperature: null\n")
    said = repository("explain", "a", "llm.temperature", "--format", "json").json
    assert said["value"] is None
    assert said["layers"][-1] == {
        "layer": "agent", "file": "agents.d/a.yaml", "line": 2, "column": 16, "value": None,
        "wins": True, "cleared": True,
    }  # fmt: skip
    assert "cleared (null)" in repository("explain", "a", "llm.temperature").out


def test_people_get_lines_with_the_winner_marked(repository: Console) -> None:
    assert repository("explain", "assistant", "llm.max_tokens", "-e", "dev").out == (
        "assistant in dev: llm.max_tokens = 500\n"
        "  defaults               agents.d/_defaults.yaml:13:15          2000\n"
        "> environment-overrides  agents.d/_environments/dev.yaml:6:17  500\n"
    ).replace("13:15          2000", "13:15         2000")


def test_without_a_key_every_value_is_explained(repository: Console) -> None:
    said = {one["key"]: one for one in repository("explain", "assistant", "-e", "prod", "--format", "json").json}
    assert said["limits.budget.usd"]["layers"][-1]["layer"] == "environment-defaults"
    assert said["instructions"]["layers"][-1]["line"] == 9
    assert "providers.openai.api_key" in said


def test_the_machines_layers_take_part_where_no_provider_is_declared(console: Console) -> None:
    console.write("agents.d/a.yaml", "name: A")
    said = console("explain", "a", "llm.model", "--format", "json").json
    assert said["value"] == "ollama/mistral:7b-instruct"
    assert said["layers"] == [
        {
            "layer": "built-in",
            "file": None,
            "line": None,
            "column": None,
            "value": "ollama/mistral:7b-instruct",
            "wins": True,
        }
    ]
