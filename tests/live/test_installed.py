from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agentconf.live import installed

WATCHED = """
import sys
met = []
sys.addaudithook(lambda event, given: met.append(event) if event.startswith("socket.") else None)
from agentconf.live.installed import load_litellm
from agentconf.catalogue.catalogue import Catalogue
assert Catalogue(load=load_litellm).find("openai/gpt-4.1").input_per_million == 2.0
assert "litellm" not in sys.modules and "urllib.request" not in sys.modules
assert met == [], met
"""


def test_the_file_is_read_without_importing_litellm_and_without_the_network() -> None:
    subprocess.run([sys.executable, "-c", WATCHED], check=True)


def test_what_is_installed_says_its_version_and_is_read_once() -> None:
    found = installed.installed_litellm()
    assert found is not None
    assert found.version == "1.106.2"
    loaded = installed.load_litellm()
    assert loaded is installed.load_litellm()
    assert loaded is not None
    assert loaded.version == found.version


def test_where_litellm_is_not_installed_there_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    monkeypatch.delitem(sys.modules, "litellm", raising=False)
    assert installed.installed_litellm() is None
    assert installed.load_litellm() is None


def test_a_package_of_that_name_without_the_file_is_not_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "litellm").mkdir()
    (tmp_path / "litellm" / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "litellm", raising=False)
    assert installed.installed_litellm() is None


def test_a_file_that_is_something_else_is_as_if_it_were_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "litellm").mkdir()
    (tmp_path / "litellm" / "__init__.py").touch()
    (tmp_path / "litellm" / "model_prices_and_context_window_backup.json").write_text("<html>")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "litellm", raising=False)
    assert installed.installed_litellm() is not None
    assert installed.load_litellm() is None
