from __future__ import annotations

import pytest

from tests.cli.console import Console


def test_a_new_agent_is_valid_at_once(repository: Console) -> None:
    outcome = repository(
        "new", "trading/analyst", "--model", "openai/gpt-4.1", "--owner", "a: b", "--description", "yes"
    )
    assert outcome.out == "wrote agents.d/trading/analyst.yaml\n\nnext: agentconf validate agents.d\n"
    assert repository("validate", "--strict").status == 0
    shown = repository("show", "analyst", "--format", "json").json
    assert shown["config"]["owner"] == "a: b"
    assert shown["config"]["llm"]["model"] == "openai/gpt-4.1"


def test_its_modeline_finds_the_schema_from_a_sub_folder(repository: Console) -> None:
    repository("new", "a/b/c")
    file = repository.folder / "agents.d" / "a" / "b" / "c.yaml"
    assert (file.parent / file.read_text().splitlines()[0].partition("=")[2]).resolve().is_file()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Tränslator", "use tr-nslator"),
        ("default", "cannot be an agent's id"),
        ("assistant", "there is an agent 'assistant' already: agents.d/assistant.yaml"),
        ("../escape", "agents cannot lie in '..'"),
        ("_profiles/x", "agents cannot lie in '_profiles'"),
        ("/etc/x", "agents cannot lie in '/etc'"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_the_way_out(repository: Console, name: str, said: str) -> None:
    outcome = repository("new", name)
    assert outcome.status == 2
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a.yaml/b",), "agents cannot lie in 'a.yaml'"),
        (("a~/b",), "agents cannot lie in 'a~'"),
        (("#a#/b",), "agents cannot lie in '#a#'"),
        (("a//b",), "agents cannot lie in 'a/'"),
        (("a\nb/c",), "agents cannot lie in 'a"),
        (("out/b",), "agents cannot lie in 'out'"),
        (("out/deeper/b",), "agents cannot lie in 'out/deeper'"),
        (("b.yaml.yaml",), "cannot be an agent's id; use b"),
        (("b.yml",), "cannot be an agent's id; use b"),
        (("b", "--model", "gpt"), "--model takes provider/model"),
        (("b", "--model", "a/b\nx: 1"), "--model takes one line"),
        (("b", "--model", "a/" + "b" * 600), "--model takes provider/model"),
        (("b", "--model", ""), "--model takes provider/model"),
        (("b", "--owner", "a\nb"), "--owner takes one line"),
        (("b", "--description", "\x1b[2J"), "--description takes one line"),
    ],
)
def test_what_nothing_would_read_is_not_written(repository: Console, arguments: tuple[str, ...], said: str) -> None:
    outside = repository.folder / "outside"
    outside.mkdir()
    (repository.folder / "agents.d" / "out").symlink_to(outside)
    before = sorted(repository.folder.rglob("*"))
    outcome = repository("new", *arguments)
    assert outcome.status == 2
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
    assert sorted(repository.folder.rglob("*")) == before


@pytest.mark.parametrize("text", ["1e3", "0o17", "+.5", "~", "no"])
def test_what_looks_like_a_number_is_written_as_text(repository: Console, text: str) -> None:
    assert repository("new", "b", "--owner", text, "--description", text).status == 0
    assert repository("validate").status == 0
    assert repository("show", "b", "--format", "json").json["config"]["owner"] == text


def test_a_new_agent_s_file_replaces_none_that_came_meanwhile(
    repository: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("agents.d/b.yaml", "mine")
    mine = repository.folder / "agents.d" / "b.yaml"
    monkeypatch.setattr("agentconf.cli.new._require_free", lambda tree, name: None)
    outcome = repository("new", "b")
    assert (outcome.status, outcome.err) == (2, "agentconf: agents.d/b.yaml: file exists\n")
    assert mine.read_text() == "mine"
    assert not [path for path in mine.parent.iterdir() if path.name.startswith(".")]
