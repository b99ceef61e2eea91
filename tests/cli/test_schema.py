from __future__ import annotations

from tests.cli.console import Console


def test_one_schema_is_printed(console: Console) -> None:
    assert console("schema", "agent").json["title"] == "An agent"


def test_what_is_written_is_current_until_it_is_changed(console: Console) -> None:
    assert console("schema", "--write", "out").status == 0
    assert console("schema", "--check", "out").status == 0
    console.write("out/agent.schema.json", "{}")
    outcome = console("schema", "--check", "out", "--format", "json")
    assert outcome.status == 1
    assert outcome.json == {"ok": False, "stale": ["out/agent.schema.json"]}


def test_all_schemas_as_one_object(console: Console) -> None:
    assert sorted(console("schema", "--format", "json").json) == [
        "agent", "defaults", "environment", "models", "profile", "settings",
    ]  # fmt: skip
