from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.console import SERVICES, Console


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
