"""A writer that has written before says and does what one says and does that begins anew, whatever happened between."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import pytest

from agentconf.server.problem import Problem
from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.outcome import Mode
from agentconf.server.writing.writer import Writer
from agentconf.source.git.making import Person
from tests.server.writing.hosted import FILE, TREE
from tests.source.git.repositories import ENVIRONMENT, Repo

PERSON: Final = Person("Ada", "ada@example.com")
SETTLED: Final = "owner: team@example.com\nllm: {model: openai/gpt-4.1-mini}\n"
BETWEEN: Final[dict[str, dict[str, str]]] = {
    "nothing": {},
    "another agent": {"agents.d/b.yaml": f"{SETTLED}enabled: false\n"},
    "an agent that delegates": {"agents.d/b.yaml": f"{SETTLED}delegates: [a]\n"},
    "a new agent": {"agents.d/trading/c.yaml": f"{SETTLED}delegates: [a, trader]\n"},
    "a broken agent": {"agents.d/c.yaml": "llm: [\n"},
    "a default of all": {"agents.d/_defaults.yaml": "description: An agent.\ndelegates: [nobody]\n"},
    "an environment": {"agents.d/_environments/prod.yaml": "overrides: {llm: {temperature: 0.9}}\n"},
    "settings": {"agents.d/_settings.yaml": "rules: {undescribed-agent: error, duplicate-tag: error}\n"},
    "a prompt": {"agents.d/p.md": "Be long.\n"},
    "a prompt that is too long to be one": {"agents.d/p.md": "x" * 300_000},
    "the schema of metadata": {"schema/metadata.schema.json": '{"required": ["ticket"]}'},
    "a file beside the tree": {"README.md": "More agents.\n"},
}
ASKED: Final[dict[str, tuple[Way, str, Any]]] = {
    "a value": (Way.MERGE, "a", {"llm": {"temperature": 0.7}}),
    "a warning": (Way.MERGE, "a", {"tags": ["x", "x"]}),
    "an error": (Way.MERGE, "a", {"llm": {"temperature": 9}}),
    "a circle": (Way.MERGE, "a", {"delegates": ["b"]}),
    "a delegate that is switched off": (Way.MERGE, "a", {"delegates": ["b", "trader"], "enabled": True}),
    "another document": (Way.REPLACE, "trader", {"owner": "x@example.com", "llm": {"model": "openai/gpt-4.1"}}),
    "a new agent": (Way.CREATE, "nobody", {"owner": "x@example.com", "llm": {"model": "openai/gpt-4.1"}}),
    "no more of it": (Way.REMOVE, "a", None),
    "nothing": (Way.MERGE, "a", {}),
}


def said(writer: Writer, way: Way, agent: str, value: Any, *, is_dry: bool = True) -> dict[str, Any]:
    """What comes of a write: the answer, or the problem."""
    try:
        tags = writer.read(agent)[1] if way is not Way.CREATE else ""
        return writer.carry_out(Asked(way, agent, PERSON, "test", value, tags, is_dry=is_dry)).as_json()
    except Problem as problem:
        return {"status": problem.kind.status, "detail": str(problem), **problem.more}


@pytest.mark.parametrize("mode", [Mode.COMMIT, Mode.PROPOSE])
@pytest.mark.parametrize("between", BETWEEN)
def test_what_others_have_committed(repo: Repo, mode: Mode, between: str) -> None:
    repo.commit("Prompt", {"agents.d/b.yaml": f"{SETTLED}instructions_file: p.md\n", "agents.d/p.md": "Be brief.\n"})
    writer = Writer(str(repo.tree), mode, ENVIRONMENT)
    said(writer, Way.MERGE, "a", {"description": "One."}, is_dry=False)
    repo.commit("Between", BETWEEN[between])
    for way, agent, value in ASKED.values():
        fresh = Writer(str(repo.tree), mode, ENVIRONMENT)
        assert said(writer, way, agent, value) == said(fresh, way, agent, value)


def test_its_own_writes(repo: Repo) -> None:
    writer = Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT)
    for step, (way, agent, value) in ASKED.items():
        if way is Way.REMOVE:
            repo.commit("Alone", {"agents.d/b.yaml": SETTLED})
        told = said(Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT), way, agent, value)
        done = said(writer, way, agent, value, is_dry=False)
        alike = {"commit": None, "branch": None, "dry_run": True}
        assert done | alike == told | alike, step


def test_what_it_keeps_is_as_much_as_one_commit_holds(repo: Repo) -> None:
    writer = Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT)
    for number in range(5):
        said(writer, Way.MERGE, "a", {"description": f"Number {number}."}, is_dry=False)
    said(writer, Way.MERGE, "b", {}, is_dry=True)
    kept = writer._grounds._kept  # nothing that is public tells
    assert kept is not None
    every = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    now = {repo.git("rev-parse", f"HEAD:{name}") for name in TREE if name.endswith(".yaml")}
    assert {oid for oid in every if oid in kept[1]._files} == now


def test_a_prompt_that_is_no_longer_named_is_no_longer_looked_at(repo: Repo) -> None:
    repo.commit("Prompt", {"agents.d/a.yaml": f"{FILE}instructions_file: p.md\n", "agents.d/p.md": "Be brief.\n"})
    writer = Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT)
    assert said(writer, Way.MERGE, "a", {"instructions_file": None}, is_dry=False)["commit"]
    (repo.tree / "p.md").write_text("Be long.\n")
    assert said(writer, Way.MERGE, "a", {"description": "New."}, is_dry=False)["commit"]


def test_a_file_that_changes_behind_its_back(repo: Repo) -> None:
    """With the same length, and the same times as far as who changes it can set them."""
    writer = Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT)
    assert said(writer, Way.MERGE, "a", {"description": "One."}, is_dry=False)["commit"]
    file = repo.tree / "b.yaml"
    before = file.stat()
    file.write_text(file.read_text().replace("mini", "nano"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    told = said(writer, Way.MERGE, "a", {"description": "Two."}, is_dry=False)
    assert "agents.d/b.yaml: changed in the folder and not committed" in told["detail"]


def test_the_schema_of_metadata_is_the_same_wherever_the_server_was_started(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("Schema", {"schema/metadata.schema.json": '{"properties": {"ticket": {"type": "string"}}}'})
    for folder in (repo.folder, tmp_path, Path("/")):
        monkeypatch.chdir(folder)
        writer = Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT)
        assert said(writer, Way.MERGE, "a", {"description": f"From {folder}."}, is_dry=False)["commit"]
    (repo.folder / "schema/metadata.schema.json").write_text("{}")
    told = said(writer, Way.MERGE, "a", {"description": "New."})
    assert "schema/metadata.schema.json: changed in the folder and not committed" in told["detail"]
