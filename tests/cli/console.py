"""Runs the command line as a user does, in this process or in one of its own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentconf.cli.entry import status_of

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SERVICES = ("GITHUB_ACTIONS", "GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where the tests themselves run is not where the commands under test do."""


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Console:
    """A user in a folder of their own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Outcome:
        status = status_of(list(arguments))
        said = self._capsys.readouterr()
        return Outcome(status, said.out, said.err)

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def in_a_process(*arguments: str, folder: Path, **variables: str) -> Outcome:
    """The command in a process of its own, standard input closed."""
    done = subprocess.run(
        [sys.executable, "-m", "agentconf", *arguments],
        cwd=folder, env=_environment(folder, variables), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)


def running(*arguments: str, folder: Path, **variables: str) -> subprocess.Popen[str]:
    """The same, while it runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "agentconf", *arguments],
        cwd=folder, env=_environment(folder, {"XDG_STATE_HOME": str(folder), **variables}),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def on_a_terminal(*arguments: str, folder: Path, **variables: str) -> Outcome:
    """The command with a terminal for its output."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "agentconf", *arguments],
        cwd=folder, env=_environment(folder, {"TERM": "xterm", **variables}),
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = _read_all(ours)
        status = process.wait()
    os.close(ours)
    return Outcome(status, shown.replace("\r\n", "\n"), "")


def without_litellm(*arguments: str, folder: Path) -> str:
    """The sentence that a command ends with on a machine that lacks LiteLLM."""
    run = "import sys; sys.modules['litellm'] = None; from agentconf.cli.entry import run; run()"
    done = subprocess.run(
        [sys.executable, "-c", run, *arguments], cwd=folder, env=_environment(folder, {"XDG_STATE_HOME": str(folder)}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr


def _environment(folder: Path, variables: dict[str, str]) -> dict[str, str]:
    ours = ("AGENTCONF_", *SERVICES)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**inherited, "PYTHONPATH": str(REPOSITORY), "XDG_CACHE_HOME": str(folder / "cache-home"), **variables}


def _read_all(descriptor: int) -> str:
    chunks = []
    try:
        while chunk := os.read(descriptor, 65536):
            chunks.append(chunk)
    except OSError:  # Linux answers so once the other side has closed the terminal
        pass
    return b"".join(chunks).decode()
