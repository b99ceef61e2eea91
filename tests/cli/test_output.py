from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.console import REPOSITORY, Console, Outcome, in_a_process, on_a_terminal

ACTS = ('"\\e[2J\\e[31m"', '"x\\nagents.d/a.yaml:1:1: error AC999 forged"', '"\\n::warning::x"', '"\\x9b31m"')


def in_a_shell(line: str, folder: Path, **variables: str) -> Outcome:
    """A line of bash; AC stands for the command."""
    program = f'AC() {{ {shlex.quote(sys.executable)} -m agentconf "$@"; }}\n{line}'
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "XDG_CACHE_HOME": str(folder / "cache"), **variables}
    done = subprocess.run(["bash", "-c", program], cwd=folder, env=environment, capture_output=True, check=False)
    return Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


@pytest.mark.parametrize("key", ACTS)
def test_what_a_file_says_does_not_act_on_the_terminal_or_forge_a_finding(repository: Console, key: str) -> None:
    repository.write("agents.d/a.yaml", f"{key}: 1\nllm: {{{key}: 1}}\n")
    for form in ("text", "concise", "json"):
        outcome = repository("validate", "--format", form)
        assert outcome.status == 1
        assert outcome.out.replace("\n", "").isprintable()
        assert not any(
            line.startswith(("agents.d/a.yaml:1:1: error AC999", "::warning")) for line in outcome.out.splitlines()
        )
    shown = on_a_terminal("validate", folder=repository.folder, NO_COLOR="1").out
    assert shown.replace("\n", "").isprintable()


@pytest.mark.parametrize("text", ACTS)
def test_no_command_prints_a_value_that_acts(repository: Console, text: str) -> None:
    repository.write("agents.d/a.yaml", f"name: {text}\nowner: {text}\ntags: [{text}]\nmetadata: {{{text}: {text}}}\n")
    for command in (("list",), ("show", "a"), ("explain", "a"), ("explain", "a", "owner")):
        outcome = repository(*command)
        assert outcome.status == 0
        assert outcome.out.replace("\n", "").isprintable()
    assert len(repository("list").out.splitlines()) == 4


def test_an_environment_asked_for_twice_is_said_once(repository: Console) -> None:
    assert "in prod: 0 errors" in repository("validate", "-e", "prod", "-e", "prod").out


def test_two_environments_in_one_word_are_none_even_after_a_run_with_both(repository: Console) -> None:
    assert repository("validate", "-e", "dev", "-e", "prod").status == 0
    assert repository("validate").status == 0
    assert repository("validate", "-e", "dev,prod").status == 2
    assert repository("validate", "-e", "").status == 2


def test_a_folder_above_the_tree_may_have_any_name(repository: Console) -> None:
    elsewhere = os.fsencode(repository.folder.parent) + b"/\xff\x1b"
    os.rename(os.fsencode(repository.folder), elsewhere)
    repository.folder.mkdir()
    os.chdir(repository.folder)
    path = os.fsdecode(elsewhere) + "/agents.d"
    for form in ("text", "concise", "json"):
        assert in_a_process("validate", path, "--format", form, folder=repository.folder).status == 0
    for command in (("list", path), ("show", "assistant", "--path", path), ("explain", "assistant", "--path", path)):
        outcome = in_a_process(*command, folder=repository.folder)
        assert (outcome.status, outcome.err) == (0, "")
        assert "\x1b" not in outcome.out


@pytest.mark.parametrize(
    "command", ["list", "schema", "schema agent", "--help", "validate", "validate --help", "show assistant"]
)
def test_a_reader_that_has_gone_is_no_finding(repository: Console, command: str) -> None:
    outcome = in_a_shell(f"AC {command} | true; exit ${{PIPESTATUS[0]}}", repository.folder)
    assert outcome.status in {0, 2}
    assert outcome.err == ""


@pytest.mark.parametrize("command", ["list", "validate", "show assistant", "schema agent"])
@pytest.mark.parametrize("where", [">&-", ">/dev/full"])
def test_a_result_that_cannot_be_written_is_one_line_and_status_2(
    repository: Console, command: str, where: str
) -> None:
    outcome = in_a_shell(f"AC {command} {where}", repository.folder)
    assert outcome.status == 2
    assert outcome.err.startswith("agentconf: ")
    assert outcome.err.count("\n") == 1
    assert "internal" not in outcome.err


def test_without_standard_error_the_status_remains(repository: Console) -> None:
    assert in_a_shell("AC list 2>&-", repository.folder).status == 0
    assert in_a_shell("AC show nobody 2>&-", repository.folder).status == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_the_locale_cannot_say_is_escaped(repository: Console, encoding: str, form: str) -> None:
    repository.write("agents.d/a.yaml", "owner: 日本\n日本: 1\n")
    outcome = in_a_shell(f"AC validate --format {form}", repository.folder, PYTHONIOENCODING=encoding)
    assert (outcome.status, outcome.err) == (1, "")
    assert "\\u65e5\\u672c" in outcome.out
    repository.write("agents.d/a.yaml", "owner: 日本\n")
    outcome = in_a_shell("AC list; AC show a; AC explain a", repository.folder, PYTHONIOENCODING=encoding)
    assert (outcome.status, outcome.err) == (0, "")


def test_without_a_command_help_is_shown_as_help(console: Console) -> None:
    outcome = console()
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: agentconf [OPTIONS]")
    assert "\nCommands:\n  call " in outcome.err


@pytest.mark.parametrize("module", ["click", "agentconf.cli.commands", "agentconf.cli.validate"])
def test_an_interrupt_while_modules_are_imported_leaves_no_traceback(console: Console, module: str) -> None:
    program = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from agentconf.cli.entry import run\n"
        "run(['validate'])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (128 + signal.SIGINT, "")
