from __future__ import annotations

import os

import pytest

from agentconf.source.layout import ID
from tests.cli.console import Console, in_a_process


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("agentconf val", "validate"),
        ("agentconf show as", "assistant"),
        ("agentconf validate -e pr", "prod"),
        ("agentconf explain assistant llm.temp", "llm.temperature"),
    ],
)
def test_the_shell_completes_commands_agents_environments_and_keys(
    repository: Console, words: str, expected: str
) -> None:
    outcome = in_a_process(
        folder=repository.folder,
        _AGENTCONF_COMPLETE="bash_complete",
        COMP_WORDS=words,
        COMP_CWORD=str(words.count(" ")),
    )
    assert f"plain,{expected}" in outcome.out


def test_every_command_has_help_and_an_example(console: Console) -> None:
    listed = console("--help").out
    for command in ("explain", "init", "list", "new", "schema", "show", "validate"):
        assert f"  {command}" in listed
        shown = console(command, "--help")
        assert shown.status == 0
        assert f"agentconf {command}" in shown.out
        assert "Options:" in shown.out


def _completed(console: Console, words: str) -> list[str]:
    outcome = in_a_process(
        folder=console.folder, _AGENTCONF_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" "))
    )
    assert outcome.err == ""
    return [line.partition(",")[2] for line in outcome.out.splitlines()]


def test_only_what_can_be_an_id_is_offered(repository: Console) -> None:
    tree = repository.folder / "agents.d"
    for name in (b"\xff.yaml", b"a b.yaml", b"a\nplain,x.yaml", b"$(x).yaml", b".yaml", "é.yaml".encode()):
        (tree / os.fsdecode(name)).write_text("{}")
    offered = _completed(repository, "agentconf show ")
    assert offered
    assert all(ID.fullmatch(name) for name in offered)


def test_environments_are_those_of_the_path_on_the_line(repository: Console) -> None:
    repository.write("other/_environments/Staging.yaml", "{}")
    for words in ("agentconf validate other -e ", "agentconf list other -e ", "agentconf show a --path other -e "):
        assert _completed(repository, words) == ["Staging"]
    assert _completed(repository, "agentconf validate -e ") == ["dev", "prod"]
