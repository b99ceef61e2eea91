from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.writing.hosted import TREE, Hosted, hosted
from tests.source.git.repositories import Repo


@pytest.fixture(autouse=True)
def _no_configuration_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit("First", TREE)
    return made


@pytest.fixture
def server(repo: Repo, tmp_path: Path) -> Iterator[Hosted]:
    """With `--writes commit`."""
    with hosted(repo.tree, tmp_path) as running:
        yield running


@pytest.fixture
def proposing(repo: Repo, tmp_path: Path) -> Iterator[Hosted]:
    """With `--writes propose`."""
    with hosted(repo.tree, tmp_path, "propose") as running:
        yield running
