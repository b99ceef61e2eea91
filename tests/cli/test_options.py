from __future__ import annotations

import pytest

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
def test_the_shell_completes_commands_agents_environments_and_keys(repository: Console, words: str, expected: str) -> None:
    outcome = in_a_process(
        folder=repository.folder, _AGENTCONF_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" "))
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
