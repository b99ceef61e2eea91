from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentconf.server.access.caller import Scope
from agentconf.server.options import Options
from tests.server.support import Running, planted, token_in


@dataclass(frozen=True)
class Secured:
    """A server that takes tokens, and one for each scope."""

    running: Running
    tokens: Path
    read: str
    secrets: str
    write: str


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return planted(tmp_path / "agents.d")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that takes no tokens, as on a developer's machine. Its tree stays as it is."""
    with Running(planted(tmp_path_factory.mktemp("served") / "agents.d")) as server:
        yield server


@pytest.fixture
def secured(tree: Path, tmp_path: Path) -> Iterator[Secured]:
    tokens = tmp_path / "tokens.json"
    read = token_in(tokens, "reader")
    secrets = token_in(tokens, "keeper", Scope.READ, Scope.SECRETS)
    write = token_in(tokens, "writer", Scope.READ, Scope.WRITE)
    with Running(tree, Options(tokens=str(tokens))) as server:
        yield Secured(server, tokens, read, secrets, write)
