"""A tree that cannot be written says so."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.writing.hosted import hosted
from tests.source.git.repositories import Repo


@pytest.fixture
def read_only(repo: Repo) -> Iterator[Repo]:
    """The same folder, mounted read-only, as a container has it."""
    at = str(repo.folder)
    commands = (["mount", "--bind", at, at], ["mount", "-o", "remount,bind,ro", at])
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        subprocess.run(["umount", at], check=False, capture_output=True)
        pytest.skip("mounting is not allowed here")
    yield repo
    subprocess.run(["umount", at], check=True)


@pytest.mark.parametrize("writes", ["commit", "propose"])
def test_it_says_so(read_only: Repo, tmp_path: Path, writes: str) -> None:
    with hosted(read_only.tree, tmp_path, writes) as server:
        answer = server.writer.patch({"name": "Other"})
    assert (answer.status, answer.body["type"]) == (409, "urn:agentconf:problem:read-only"), answer
    assert "cannot write" in answer.detail
