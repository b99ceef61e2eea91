from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.git.repositories import AGENT, Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """One commit with the agent `a`."""
    made = Repo(tmp_path / "repo")
    made.commit("First", {"agents.d/a.yaml": AGENT, "README.md": "Agents.\n"})
    return made
