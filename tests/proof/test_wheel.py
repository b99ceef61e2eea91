from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import REPOSITORY

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]


def _run(*command: str | Path, folder: Path) -> str:
    ours = ("PYTHON", "AGENTCONF_", "GITHUB_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_in_an_empty_environment_validates_what_it_writes(tmp_path: Path) -> None:
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", folder=REPOSITORY)
    (wheel,) = (tmp_path / "dist").glob("agentconf_gitops-*.whl")
    _run(sys.executable, "-m", "venv", tmp_path / "empty", folder=tmp_path)
    programs = tmp_path / "empty" / "bin"
    _run(programs / "python", "-m", "pip", "install", "--quiet", wheel, folder=tmp_path)
    _run(programs / "agentconf", "init", "repository", folder=tmp_path)
    said = _run(programs / "agentconf", "validate", "--format", "concise", "--no-cache", folder=tmp_path / "repository")
    (warning,) = said.splitlines()  # there is no LiteLLM here, and no lock yet
    assert "nothing is known about models" in warning
    assert "all current" in _run(programs / "agentconf", "schema", "--check", "schema", folder=tmp_path / "repository")
    program = "import agentconf; print(agentconf.load('agents.d', environment='prod')['assistant'].llm.model)"
    assert _run(programs / "python", "-c", program, folder=tmp_path / "repository") == "anthropic/claude-sonnet-4-6\n"
