from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.make_tree import write_tree
from tests.cli.console import Console, in_a_process, on_a_terminal

MISSPELT = "error AC102 unknown key 'temprature' under llm (did you mean 'temperature'?)"
TYPO = "llm:\n  model: openai/gpt-4.1\n  temprature: 0.2\n"
SECRET = "plainlyasecretvalue"


def test_a_typo_is_named_on_its_line_with_what_to_write(repository: Console) -> None:
    repository.write("agents.d/code-assistant.yaml", TYPO)
    outcome = repository("validate")
    assert outcome.status == 1
    assert outcome.out.splitlines() == [
        f"agents.d/code-assistant.yaml:3:3: {MISSPELT}",
        "agents.d: 8 files, 3 agents in dev, prod: 1 error, 0 warnings",
        "it can be fixed with --fix",
    ]


def test_json_has_the_published_shape(repository: Console) -> None:
    repository.write("agents.d/code-assistant.yaml", TYPO)
    said = repository("validate", "-e", "prod", "--format", "json").json
    assert {key: said[key] for key in ("ok", "path", "files", "agents", "environments", "errors", "warnings")} == {
        "ok": False, "path": "agents.d", "files": 8, "agents": 3, "environments": ["prod"], "errors": 1, "warnings": 0,
    }  # fmt: skip
    assert said["digests"]["prod"].startswith("sha256:")
    assert said["diagnostics"] == [{
        "code": "AC102", "rule": "unknown-key", "severity": "error", "message": "unknown key 'temprature' under llm",
        "file": "agents.d/code-assistant.yaml", "line": 3, "column": 3, "end_line": 3, "end_column": 13,
        "key": "llm.temprature", "agent": "code-assistant", "environment": None,
        "hint": "did you mean 'temperature'?", "fixable": True, "related": [],
    }]  # fmt: skip


def test_a_tree_without_environments_is_checked_once(console: Console) -> None:
    console.write("agents.d/a.yaml", "llm: {model: openai/gpt-4.1}")
    said = console("validate", "--format", "json").json
    assert said["environments"] == []
    assert list(said["digests"]) == [""]


def test_warnings_count_under_strict(console: Console) -> None:
    console.write("agents.d/a.yaml", "name: no model")
    assert console("validate").status == 0
    assert console("validate", "--strict").status == 1


def test_the_report_goes_to_a_file(repository: Console) -> None:
    outcome = repository("validate", "--format", "json", "--output", "found.json")
    assert outcome.out == ""
    assert outcome.err == "agents.d: 7 files, 2 agents in dev, prod: 0 errors, 0 warnings\n"
    assert json.loads((repository.folder / "found.json").read_text())["ok"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("validate", "nowhere"),
            "there is no folder 'nowhere'; name the config tree, or make one with 'agentconf init'",
        ),
        (("validate", "README.md"), "'README.md' is a file; name the folder that holds the agents"),
        (("validate", "-e", "prd"), "this tree has no environment 'prd': did you mean 'prod'?"),
        (("validate", "--format", "xml"), "'xml' is not one of"),
        (("validate", "--output", "no/such/folder/x"), "cannot write no/such/folder/x"),
        (("valdate",), "there is no command 'valdate'; did you mean 'validate'?"),
        (("show", "asistant"), "there is no agent 'asistant'; did you mean 'assistant'?"),
        (("explain", "assistant", "llm.temprature"), "did you mean 'llm.temperature'?"),
        (("explain", "assistant", "llm..x"), "is not a key"),
        (("explain",), "Missing argument 'AGENT'; see 'agentconf explain --help'"),
        (("log", "assistant", "llm"), "Got unexpected extra argument (llm); see 'agentconf log --help'"),
        (("validate", "-q"), "No such option '-q'; see 'agentconf validate --help'"),
        (("validate", "--formt", "json"), "Did you mean '--format'?"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_status_2(
    repository: Console, arguments: tuple[str, ...], said: str
) -> None:
    outcome = repository(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("agentconf: ")


def test_a_terminal_gets_the_line_and_a_caret(repository: Console) -> None:
    repository.write("agents.d/code-assistant.yaml", TYPO)
    shown = on_a_terminal("validate", folder=repository.folder, NO_COLOR="1").out
    assert "3 |   temprature: 0.2\n  |   ^^^^^^^^^^ did you mean 'temperature'?\n" in shown
    assert "\x1b[" not in shown
    assert "\x1b[31m" in on_a_terminal("validate", folder=repository.folder).out


@pytest.mark.parametrize(
    "text",
    [
        f"llm:\n  api_key: {SECRET}\n  temprature: 1\n",
        f"llm: {{api_key: {SECRET}, temprature: 1}}\n",
        f"llm:\n  api_key: |\n    {SECRET}\n  temprature: 1\n",
        f"llm:\n  api_key:\n    {SECRET}\n  - broken\n",
        f"llm: {{api_key: {SECRET}, [broken\n",
        f"llm:\n  extra_headers: {{X-Token: {SECRET}, Authorization: {SECRET}}}\n",
        f"llm:\n  extra_headers:\n    authorization: >\n      {SECRET}\n",
        f"llm:\n  api_kye: {SECRET}\n",
        f"password: {SECRET}\nname: 5\n",
    ],
)
def test_no_report_shows_what_stands_where_a_reference_belongs(repository: Console, text: str) -> None:
    repository.write("agents.d/leaky.yaml", text)
    for form in ("text", "concise", "json"):
        outcome = repository("validate", "--format", form)
        assert outcome.status == 1
        assert SECRET not in outcome.out + outcome.err
    assert SECRET not in on_a_terminal("validate", "--no-cache", folder=repository.folder).out
    for command in ("show", "explain"):
        outcome = repository(command, "leaky")
        assert SECRET not in outcome.out + outcome.err
    cached = (path.read_text() for path in (repository.folder.parent / "cache-home").rglob("*.json"))
    assert all(SECRET not in entry for entry in cached)


def test_parts_of_a_large_tree_are_checked_at_the_same_time_with_the_same_outcome(tmp_path: Path) -> None:
    from agentconf.source.folder import read_folder
    from agentconf.spread import each_forked
    from agentconf.validation import Order, validate

    write_tree(tmp_path / "tree", 60, bad=0.2)
    tree = read_folder(tmp_path / "tree")
    assert validate(tree) == validate(tree, Order(parts=3, spread=each_forked))


def test_a_reader_that_leaves_gets_no_traceback(repository: Console) -> None:
    for number in range(3000):
        repository.write(f"agents.d/bad-{number}.yaml", "unknown: 1\n")
    command = f"{sys.executable} -m agentconf validate --no-cache | head -1"
    done = subprocess.run(
        command,
        shell=True,
        cwd=repository.folder,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.stdout.count("\n") <= 1


def test_an_interrupted_run_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    program = (
        "import os, signal\n"
        "from agentconf.cli import validate as there\n"
        "there.read_folder = lambda path: os.kill(os.getpid(), signal.SIGINT)\n"
        "from agentconf.cli.entry import run\n"
        "run(['validate'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 128 + signal.SIGINT
    assert "Traceback" not in done.stderr


def test_the_version_is_said(console: Console) -> None:
    from agentconf import __version__

    outcome = in_a_process("--version", folder=console.folder)
    assert (outcome.status, outcome.out) == (0, f"agentconf {__version__}\n")
