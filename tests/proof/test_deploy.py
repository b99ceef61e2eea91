"""What others say of deploy/, and the steps of the container file, done where no container can run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import REPOSITORY, needs_program
from tests.test_deploy import DEPLOY, MANIFESTS

pytestmark = pytest.mark.proof


def test_hadolint_has_nothing_to_say() -> None:
    command = [needs_program("hadolint"), DEPLOY / "Dockerfile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.name)
@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_a_manifest_is_what_kubernetes_takes(manifest: Path, version: str) -> None:
    command = [str(needs_program("kubernetes-validate")), "--strict", "--kubernetes-version", version, str(manifest)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_container_installs_serves(tmp_path: Path) -> None:
    """The commands of the first stage, with the files that it is sent and no others."""
    for name in ("requirements/image.txt", "pyproject.toml", "README.md", "LICENSE", "agentconf"):
        target = tmp_path / "src" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, target)
    venv = tmp_path / "venv"
    pip = [str(venv / "bin/pip"), "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([*pip, "--require-hashes", "-r", "requirements/image.txt"], cwd=tmp_path / "src", check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "."], cwd=tmp_path / "src", check=True)
    said = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTCONF_", "PYTHON"))}
    command = [str(venv / "bin/agentconf"), "serve", str(REPOSITORY / "agents.d"), "--port", "0", "--no-last-good"]
    with subprocess.Popen(command, cwd=tmp_path, env=said, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        line = server.stderr.readline()
        server.terminate()
    assert line.startswith("serving ")
    assert "generation 1" in line
