"""`validate --fix` and `--diff`, as a user runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.console import Console, in_a_process

TYPO = """\
# yaml-language-server: $schema=../schema/agent.schema.json
description: Writes code.
owner: us
llm:
  model: openai/gpt-4.1
  temprature: 0.2
"""
AGENT = "agents.d/code-assistant.yaml"
DIFF = f"""\
--- {AGENT}
+++ {AGENT}
@@ -4,3 +4,3 @@
 llm:
   model: openai/gpt-4.1
-  temprature: 0.2
+  temperature: 0.2
"""


@pytest.fixture
def typo(repository: Console) -> Console:
    repository.write(AGENT, TYPO)
    return repository


def test_it_says_what_it_did_and_what_remains(typo: Console) -> None:
    typo.write("agents.d/other.yaml", TYPO + "name: 1\n")
    outcome = typo("validate", "--fix")
    assert outcome.status == 1
    assert outcome.out.splitlines() == [
        f"{AGENT}:6:3: fixed AC102 unknown key 'temprature' under llm: renamed to 'temperature'",
        "agents.d/other.yaml:6:3: fixed AC102 unknown key 'temprature' under llm: renamed to 'temperature'",
        "agents.d/other.yaml:7:7: error AC101 name must be text, not 1 (put it in quotes)",
        "agents.d: 9 files, 4 agents in dev, prod: 1 error, 0 warnings",
    ]
    assert (typo.folder / AGENT).read_text() == TYPO.replace("temprature", "temperature")


def _written(path: Path) -> tuple[int, int, int]:
    """What a write would change; reading it changes the rest."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def test_the_second_time_it_changes_nothing(typo: Console) -> None:
    assert typo("validate", "--fix").status == 0
    before = _written(typo.folder / AGENT)
    outcome = typo("validate", "--fix")
    assert outcome.out == "agents.d: 8 files, 3 agents in dev, prod: 0 errors, 0 warnings\n"
    assert _written(typo.folder / AGENT) == before
    assert typo("validate", "--diff").out == ""


def test_a_report_says_how_much_could_be_fixed(typo: Console) -> None:
    assert typo("validate").out.splitlines()[-1] == "it can be fixed with --fix"
    typo.write("agents.d/other.yaml", "zzz: 1\nlmm: {}\n")
    assert typo("validate").out.splitlines()[-1] == "2 of them can be fixed with --fix"


@pytest.mark.parametrize("options", [("--diff",), ("--fix", "--diff"), ("--diff", "--no-cache")])
def test_a_diff_shows_what_would_be_written_and_writes_nothing(typo: Console, options: tuple[str, ...]) -> None:
    outcome = typo("validate", *options)
    assert (outcome.status, outcome.out, outcome.err) == (1, DIFF, "")
    assert (typo.folder / AGENT).read_text() == TYPO


def test_the_status_of_a_diff_is_about_the_diff_alone(repository: Console) -> None:
    repository.write(AGENT, TYPO.replace("temprature", "zzz"))
    outcome = repository("validate", "--diff")
    assert (outcome.status, outcome.out) == (0, "")


def test_a_diff_goes_to_a_file(typo: Console) -> None:
    assert typo("validate", "--diff", "-o", "fix.patch").out == ""
    assert (typo.folder / "fix.patch").read_text() == DIFF


def test_a_diff_has_one_form(typo: Console) -> None:
    outcome = typo("validate", "--diff", "--format", "json")
    assert (outcome.status, outcome.out) == (2, "")
    assert "takes no --format" in outcome.err


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize("text", [TYPO, TYPO.rstrip("\n"), TYPO.replace("\n", "\r\n")], ids=["LF", "no end", "CRLF"])
def test_git_applies_the_diff(repository: Console, text: str) -> None:
    (repository.folder / AGENT).write_bytes(text.encode())
    patch = in_a_process("validate", "--diff", "-o", "fix.patch", folder=repository.folder)
    assert patch.status == 1
    command = ["git", "apply", "-p0", "fix.patch"]
    subprocess.run(command, cwd=repository.folder, check=True, env={**os.environ, "GIT_CEILING_DIRECTORIES": "/"})
    assert (repository.folder / AGENT).read_bytes() == text.replace("temprature", "temperature").encode()


def test_json_has_what_was_fixed_beside_what_remains(typo: Console) -> None:
    outcome = typo("validate", "--fix", "--format", "json")
    assert outcome.json["ok"] is True
    assert outcome.json["diagnostics"] == []
    assert outcome.json["fixed"] == [{
        "file": AGENT, "line": 6, "column": 3, "code": "AC102", "rule": "unknown-key",
        "message": "unknown key 'temprature' under llm: renamed to 'temperature'",
    }]  # fmt: skip
    assert "fixed" not in typo("validate", "--format", "json").json


def test_with_a_report_in_a_file_the_fixes_are_said_beside_it(typo: Console) -> None:
    outcome = typo("validate", "--fix", "--output", "report.txt")
    assert outcome.out == ""
    assert outcome.err.splitlines()[0].startswith(f"{AGENT}:6:3: fixed AC102")
    assert (typo.folder / "report.txt").read_text().startswith("agents.d: 8 files")


def test_a_secret_is_neither_in_the_diff_nor_in_what_is_said(repository: Console) -> None:
    secret = "plainlyasecretvalue"
    text = f"llm:\n  api_kye: {secret}\n  temprature: 1\nlmm: {{temprature: 1, password: {secret}}}\n"
    repository.write(AGENT, text)
    repository.write("agents.d/other.yaml", f"llm: {{extra_headers: {{X-Token: {secret}}}, temprature: 1}}\n")
    for options in (("--diff",), ("--fix",), ("--fix", "--format", "json")):
        outcome = repository("validate", *options)
        assert outcome.status == 1
        assert secret not in outcome.out + outcome.err
    assert secret in (repository.folder / AGENT).read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
def test_a_tree_that_is_read_only_is_said_in_one_line(typo: Console) -> None:
    (typo.folder / "agents.d").chmod(0o555)
    try:
        outcome = typo("validate", "--fix")
    finally:
        (typo.folder / "agents.d").chmod(0o755)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"agentconf: {AGENT} cannot be written: it or its folder is read-only; nothing was written\n"
    )


def test_the_outcome_after_a_fix_is_remembered(typo: Console, tmp_path: Path) -> None:
    typo("validate", "--fix")
    entries = sorted(tmp_path.rglob("outcomes/*.json"))
    typo("validate")
    assert sorted(tmp_path.rglob("outcomes/*.json")) == entries
