from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentconf.cache import outcomes
from agentconf.source.folder import read_folder
from agentconf.source.tree import Tree
from agentconf.validation import Validation, validate


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "agents.d"
    folder.mkdir()
    (folder / "a.yaml").write_text("llm: {model: openai/x, temprature: 1}\ninstructions_file: a.md\n")
    (folder / "a.md").write_text("Be brief.")
    return read_folder(folder)


def _kept(tree: Tree) -> tuple[str, Validation]:
    key = outcomes.key_of(tree, ())
    assert key is not None
    outcome = validate(tree)
    outcomes.keep(key, tree, outcome)
    return key, outcome


def test_what_is_kept_is_found_equal(tree: Tree) -> None:
    key, outcome = _kept(tree)
    assert outcomes.find(key, tree) == outcome


def test_a_changed_byte_is_another_key(tree: Tree) -> None:
    key, _ = _kept(tree)
    (Path(tree.origin.path) / "a.yaml").write_text("llm: {model: openai/x, temprature: 2}\ninstructions_file: a.md\n")
    assert outcomes.key_of(read_folder(tree.origin.path), ()) != key


def test_the_environments_asked_for_are_part_of_the_key(tree: Tree) -> None:
    assert outcomes.key_of(tree, ()) != outcomes.key_of(tree, ("prod",))


@pytest.mark.parametrize("change", ["edited", "removed", "unreadable"])
def test_a_changed_prompt_makes_the_entry_count_no_more(tree: Tree, change: str) -> None:
    key, _ = _kept(tree)
    prompt = Path(tree.origin.path) / "a.md"
    prompt.unlink()
    if change == "edited":
        prompt.write_text("Be long.")
    elif change == "unreadable":
        os.mkfifo(prompt)
    assert outcomes.find(key, tree) is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": 1}', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_entry_is_as_if_it_were_not_there(tree: Tree, damage: bytes) -> None:
    key, _ = _kept(tree)
    (outcomes.cache_folder() / f"{key}.json").write_bytes(damage)
    assert outcomes.find(key, tree) is None


DAMAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "files": lambda entry: entry["outcome"].update(files=float("inf")),
    "agents": lambda entry: entry["outcome"].update(agents=True),
    "path": lambda entry: entry["outcome"].update(path=None),
    "digest": lambda entry: entry["outcome"].update(digests={"": 5}),
    "digests": lambda entry: entry["outcome"].update(digests=[]),
    "diagnostics": lambda entry: entry["outcome"].update(diagnostics="x"),
    "checked": lambda entry: entry.update(checked="prod"),
    "environment": lambda entry: entry.update(checked=[1]),
    "prompts": lambda entry: entry.update(prompts=[]),
    "outcome": lambda entry: entry.update(outcome=[]),
    "line": lambda entry: entry["outcome"]["diagnostics"][0].update(line=1e400),
    "message": lambda entry: entry["outcome"]["diagnostics"][0].update(message=["m"]),
    "file": lambda entry: entry["outcome"]["diagnostics"][0].update(file=1),
    "key": lambda entry: entry["outcome"]["diagnostics"][0].update(key={}),
    "code": lambda entry: entry["outcome"]["diagnostics"][0].update(code=[]),
    "replacements": lambda entry: entry.update(replacements=[]),
    "replacement": lambda entry: entry.update(replacements=[True]),
    "fixable": lambda entry: entry["outcome"]["diagnostics"][0].update(fixable="no"),
    "related": lambda entry: entry["outcome"]["diagnostics"][0].update(
        related=[{"message": 1, "file": "a", "line": 1, "column": 1}]
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_an_entry_with_values_of_other_types_is_as_if_it_were_not_there(
    tree: Tree, damage: Callable[[dict[str, Any]], Any]
) -> None:
    key, _ = _kept(tree)
    file = outcomes.cache_folder() / f"{key}.json"
    entry = json.loads(file.read_bytes())
    damage(entry)
    file.write_text(json.dumps(entry))
    assert outcomes.find(key, tree) is None


def test_each_choice_of_environments_has_a_key_of_its_own(tree: Tree) -> None:
    choices = [(), ("",), ("dev", "prod"), ("dev,prod",), ("prod", "dev"), ("dev", "", "prod")]
    assert len({outcomes.key_of(tree, choice) for choice in choices}) == len(choices)


def test_a_name_that_is_not_utf_8_has_a_key(tree: Tree) -> None:
    assert outcomes.key_of(replace(tree, shown_as="\udcff/agents.d"), ("\udcfe",)) is not None


def test_without_a_home_nothing_is_kept_and_nothing_fails(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    key, _ = _kept(tree)
    assert outcomes.find(key, tree) is None


def test_a_relative_cache_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert outcomes.cache_folder().is_relative_to(tmp_path)


def test_an_entry_under_another_name_does_not_count(tree: Tree) -> None:
    key, _ = _kept(tree)
    folder = outcomes.cache_folder()
    (folder / f"{key}.json").rename(folder / f"{'0' * 64}.json")
    assert outcomes.find("0" * 64, tree) is None


def test_the_folder_is_for_this_user_alone(tree: Tree) -> None:
    _kept(tree)
    assert outcomes.cache_folder().stat().st_mode & 0o777 == 0o700
    outcomes.cache_folder().chmod(0o777)
    _kept(tree)
    assert outcomes.cache_folder().stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_is_not_used(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    key, _ = _kept(tree)
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert outcomes.find(key, tree) is None


def test_a_link_in_the_place_of_an_entry_is_not_read(tree: Tree, tmp_path: Path) -> None:
    key, _ = _kept(tree)
    entry = outcomes.cache_folder() / f"{key}.json"
    entry.rename(tmp_path / "elsewhere.json")
    entry.symlink_to(tmp_path / "elsewhere.json")
    assert outcomes.find(key, tree) is None


def test_what_could_not_be_read_is_never_remembered(tree: Tree) -> None:
    os.mkfifo(Path(tree.origin.path) / "b.yaml")
    assert outcomes.key_of(read_folder(tree.origin.path), ()) is None


def test_a_cache_that_cannot_be_written_is_no_failure(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    key, _ = _kept(tree)
    assert outcomes.find(key, tree) is None


def test_runs_at_the_same_time_leave_a_whole_entry(tree: Tree) -> None:
    from concurrent.futures import ThreadPoolExecutor

    key = outcomes.key_of(tree, ()) or ""
    outcome = validate(tree)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: outcomes.keep(key, tree, outcome), range(64)))
    assert outcomes.find(key, tree) == outcome
    assert [path.name for path in outcomes.cache_folder().iterdir()] == [f"{key}.json"]


@pytest.mark.parametrize("place", ["prompt", "environment"])
def test_a_name_that_looks_like_a_key_is_not_kept(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "agents.d"
    folder.mkdir()
    name = "sk-" + "proj-Zq8Kv3TnW7mBx2RyLp5J"
    (folder / "a.yaml").write_text(f"instructions_file: {name}\n" if place == "prompt" else "{}\n")
    (folder / "_settings.yaml").write_text(f"environments: [{name}]\n" if place == "environment" else "{}\n")
    _, outcome = _kept(read_folder(folder))
    assert not list((tmp_path / "home").rglob("*.json"))
    assert name not in json.dumps(outcome.as_json())
