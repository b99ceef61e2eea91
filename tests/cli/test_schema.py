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


def test_the_schemas_of_a_tree_list_its_names(repository: Console) -> None:
    schema = repository("schema", "agent", "--path", "agents.d").json
    assert schema["$defs"]["profilesOfThisTree"]["enum"] == ["careful"]
    assert schema["$defs"]["agentsOfThisTree"]["enum"] == ["assistant", "extractor"]


def test_new_names_are_stale_only_where_they_are_asked_for(repository: Console) -> None:
    assert repository("schema", "--write", "schema", "--path", "agents.d").status == 0
    assert repository("schema", "--check", "schema", "--path", "agents.d").status == 0
    assert repository("new", "translator").status == 0
    assert repository("schema", "--check", "schema").status == 0
    outcome = repository("schema", "--check", "schema", "--path", "agents.d")
    assert outcome.status == 1
    assert "schema/agent.schema.json is missing or stale" in outcome.out
    assert outcome.err == "write them anew: agentconf schema --write schema --path agents.d\n"


def test_schemas_of_a_tree_that_were_changed_otherwise_are_stale(repository: Console) -> None:
    written = (repository.folder / "schema" / "agent.schema.json").read_text()
    for text in (written.replace('"temperature"', '"temprature"'), "[1]", "{", '{"$defs": {"agentsOfThisTree": 1}}'):
        repository.write("schema/agent.schema.json", text)
        assert repository("schema", "--check", "schema").status == 1


def test_a_tree_with_mistakes_gives_the_names_that_can_be_read(repository: Console) -> None:
    repository.write("agents.d/broken.yaml", "llm: [\n")
    schema = repository("schema", "agent", "--path", "agents.d").json
    assert "broken" in schema["$defs"]["agentsOfThisTree"]["enum"]


def test_a_tree_that_is_not_there_is_said(console: Console) -> None:
    outcome = console("schema", "agent", "--path", "nowhere")
    assert outcome.status == 2
    assert "nowhere" in outcome.err
