from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.loopback_provider import LoopbackProvider
from tests.cli.console import SERVICES, Console
from tests.cli.house import KEY, House


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    """A user in an empty folder, with a cache folder of their own."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache-home"))
    for name in ("AGENTCONF_DIR", "AGENTCONF_ENVIRONMENT", *SERVICES):
        monkeypatch.delenv(name, raising=False)
    return Console(folder, capsys)


@pytest.fixture
def repository(console: Console) -> Console:
    """The same user, who has run `agentconf init`."""
    assert console("init").status == 0
    return console


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    with LoopbackProvider() as provider:
        yield provider


@pytest.fixture
def house(
    console: Console, provider: LoopbackProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> House:
    """A tree with a provider on loopback; what is recorded stays in a folder of the test's."""
    monkeypatch.setenv("HOUSE_API_KEY", KEY)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state-home"))
    return House(console, provider)
