from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest

from agentconf.live.bell import FolderBell
from agentconf.live.follow import Follower
from agentconf.live.last_good import LastGood, folder_for
from agentconf.live.listener import MakeBell
from agentconf.live.reload import Mode, Reloader
from agentconf.live.timing import Timing
from agentconf.live.watch import Watch
from tests.live.support import QUICK, owned, put


class Follow(Protocol):
    """`watch`, with timing and bell to choose; without a last good unless one is named. Closed when the test ends."""

    def __call__(
        self,
        root: Path | str | None = None,
        *,
        environment: str | None = None,
        mode: Mode = "per-agent",
        last_good: Path | None = None,
        timing: Timing = QUICK,
        make_bell: MakeBell = FolderBell,
    ) -> Watch: ...


@pytest.fixture(autouse=True)
def machine_without_a_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine that runs the tests takes part, and its user's cache is left alone."""
    for name in os.environ:
        if name.startswith("AGENTCONF_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree of two agents, `a` and `b`."""
    made = tmp_path / "tree" / "agents.d"
    put(made, {"a.yaml": owned("first"), "b.yaml": owned("first")})
    return made


@pytest.fixture
def open_root() -> Iterator[Path]:
    """The same where every user may reach it."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        put(Path(folder) / "agents.d", {"a.yaml": owned("first"), "b.yaml": owned("first")})
        yield Path(folder) / "agents.d"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder for the last good."""
    return tmp_path / "kept"


@pytest.fixture
def follow(root: Path) -> Iterator[Follow]:
    opened: list[Watch] = []
    default = root

    def start(
        root: Path | str | None = None,
        *,
        environment: str | None = None,
        mode: Mode = "per-agent",
        last_good: Path | None = None,
        timing: Timing = QUICK,
        make_bell: MakeBell = FolderBell,
    ) -> Watch:
        path = os.fspath(default if root is None else root)
        keeper = None if last_good is None else LastGood(folder_for(last_good, path, environment, mode))
        opened.append(Watch(Follower(path, Reloader(environment, mode), keeper, timing, make_bell)))
        return opened[-1].start()

    yield start
    for conf in opened:
        conf.close()
