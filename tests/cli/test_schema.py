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


def test_a_schema_is_replaced_where_its_link_leads_and_keeps_its_mode(console: Console) -> None:
    console.write("elsewhere/agent.schema.json", "{}")
    (console.folder / "elsewhere" / "agent.schema.json").chmod(0o604)
    (console.folder / "out").mkdir()
    (console.folder / "out" / "agent.schema.json").symlink_to("../elsewhere/agent.schema.json")
    assert console("schema", "--write", "out").status == 0
    assert console("schema", "--check", "out").status == 0
    assert (console.folder / "out" / "agent.schema.json").is_symlink()
    assert [path.name for path in (console.folder / "elsewhere").iterdir()] == ["agent.schema.json"]
    assert (console.folder / "elsewhere" / "agent.schema.json").stat().st_mode & 0o777 == 0o604


def test_all_schemas_as_one_object(console: Console) -> None:
    assert sorted(console("schema", "--format", "json").json) == [
        "agent", "defaults", "environment", "models", "profile", "settings",
    ]  # fmt: skip
