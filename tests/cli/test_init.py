from __future__ import annotations

import re

import pytest

from agentconf import __version__
from agentconf.cli.address import ADDRESS
from tests.cli.console import REPOSITORY, Console


def test_what_init_writes_is_valid(repository: Console) -> None:
    outcome = repository("validate", "--strict")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out == "agents.d: 7 files, 2 agents in dev, prod: 0 errors, 0 warnings\n"


def test_init_in_a_new_folder_says_what_comes_next(console: Console) -> None:
    outcome = console("init", "agents")
    assert outcome.status == 0
    assert (
        "\nnext: cd agents && agentconf validate\nthen: agentconf models lock, and commit what it writes" in outcome.out
    )
    assert (console.folder / "agents" / "schema" / "agent.schema.json").is_file()
    assert (console.folder / "agents" / ".vscode" / "settings.json").is_file()


def test_init_says_what_is_missing_where_nothing_is_known_of_models(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agentconf.live.installed._PACKAGE", "no_such_package")
    assert "then: install litellm and run agentconf models lock: without either" in console("init", "agents").out


def test_init_keeps_a_readme_that_is_there(console: Console) -> None:
    console.write("README.md", "mine\n")
    outcome = console("init", "--format", "json")
    assert outcome.status == 0
    assert "README.md" not in outcome.json["written"]
    assert (console.folder / "README.md").read_text() == "mine\n"


def test_init_overwrites_no_tree(console: Console) -> None:
    console.write("agents.d/a.yaml", "{}")
    outcome = console("init")
    assert outcome.status == 2
    assert outcome.err == "agentconf: agents.d exists already, and nothing is overwritten; name another folder\n"
    assert not (console.folder / "schema").exists()


def test_the_schemas_that_init_writes_are_current(repository: Console) -> None:
    assert repository("schema", "--check", "schema").status == 0


def test_every_file_carries_a_modeline_that_finds_its_schema(repository: Console) -> None:
    for file in (repository.folder / "agents.d").rglob("*.yaml"):
        first = file.read_text().splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        assert (file.parent / first.partition("=")[2]).resolve().is_file(), file


@pytest.mark.parametrize("link", ["agents.d", "schema", ".vscode", ".github"])
@pytest.mark.parametrize("target", ["../outside", "../nowhere"])
def test_init_follows_no_link_and_writes_all_or_nothing(console: Console, link: str, target: str) -> None:
    outside = console.folder.parent / "outside"
    outside.mkdir()
    place = console.folder / link
    place.symlink_to(target)
    outcome = console("init")
    assert outcome.status == 2
    assert outcome.err.count("\n") == 1
    assert list(console.folder.iterdir()) == [place]
    assert list(outside.iterdir()) == []


def test_init_leaves_a_link_in_the_place_of_a_file_alone(console: Console) -> None:
    (console.folder / "README.md").symlink_to("../nowhere")
    assert console("init").status == 0
    assert not (console.folder.parent / "nowhere").exists()


def test_where_agentconf_is_installed_from_is_one_address(console: Console) -> None:
    outcome = console("init")
    installing = [".github/workflows/agents.yml", ".pre-commit-config.yaml"]
    for path in installing:
        text = (console.folder / path).read_text()
        assert ADDRESS in text
        assert f"v{__version__}" in text
        assert "{address}" not in text
        assert "{revision}" not in text
    assert f"\n{' and '.join(installing)} install agentconf from {ADDRESS}; put your own copy's" in outcome.out


def test_a_workflow_that_is_there_stays(console: Console) -> None:
    for path in (".github/workflows/agents.yml", ".pre-commit-config.yaml"):
        console.write(path, "mine\n")
    outcome = console("init")
    assert outcome.status == 0
    assert ADDRESS not in outcome.out
    assert (console.folder / ".pre-commit-config.yaml").read_text() == "mine\n"


def test_the_pages_name_the_same_address() -> None:
    addresses = re.findall(r"https://git\.example\.com/\w+", (REPOSITORY / "docs" / "ci.md").read_text())
    assert set(addresses) == {ADDRESS}


def test_the_schemas_that_init_writes_list_the_names_of_its_tree(repository: Console) -> None:
    assert repository("schema", "--check", "schema", "--path", "agents.d").status == 0
