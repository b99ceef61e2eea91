"""A writer that is killed in the middle leaves the old tree or the new one, and whoever comes next puts it in order."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agentconf.server.problem import Problem
from agentconf.server.writing import alone
from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.outcome import Mode
from agentconf.server.writing.writer import Writer
from agentconf.source.git.making import Person
from tests.server.writing.hosted import FILE, hosted
from tests.server.writing.one_write import STEPS
from tests.source.git.repositories import ENVIRONMENT, Repo
from tests.support import REPOSITORY

DONE = STEPS[STEPS.index("branch") :]
"""From here on the change counts."""


def started(repo: Repo, way: str, fatal: str, count: int = 1) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.server.writing.one_write", str(repo.tree), way, fatal, str(count)]
    return subprocess.Popen(command, cwd=REPOSITORY, env=ENVIRONMENT, stdout=subprocess.PIPE)


def killed(repo: Repo, way: str, fatal: str) -> None:
    with started(repo, way, fatal) as process:
        process.communicate(timeout=50)
    assert process.returncode == -signal.SIGKILL


def files(repo: Repo) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(repo.tree.rglob("*.yaml"))}


def committed(repo: Repo) -> dict[str, bytes]:
    names = repo.git("ls-tree", "-r", "--name-only", "HEAD", "agents.d").splitlines()
    read = {name: subprocess.check_output(["git", "-C", str(repo.folder), "show", f"HEAD:{name}"]) for name in names}
    return {name.rpartition("/")[2]: read[name] for name in names}


@pytest.mark.parametrize("way", ["merge", "create", "remove"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(repo: Repo, way: str, step: str) -> None:
    if way == "remove":
        repo.commit("Alone", {"agents.d/a.yaml": FILE})
    before, old = files(repo), repo.git("rev-parse", "HEAD")
    killed(repo, way, step)
    found = files(repo)
    changed = [name for name in found.keys() | before.keys() if found.get(name) != before.get(name)]
    assert len(changed) <= 1
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    writer = Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT)
    writer.take_up()
    is_done = repo.git("rev-parse", "HEAD") != old
    assert is_done == (step in DONE)
    assert files(repo) == committed(repo)
    assert (files(repo) == before) == (not is_done)
    assert repo.git("status", "--porcelain") == ""
    assert not list((repo.folder / ".git/agentconf").glob("i*"))
    assert not (repo.folder / ".git/index.lock").exists()


def test_the_next_write_takes_up_what_was_begun(repo: Repo) -> None:
    killed(repo, "merge", "branch")
    assert (repo.tree / "a.yaml").read_text() == FILE
    writer = Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT)
    patch = {"description": "From b."}
    tags = writer.read("b")[1]
    writer.carry_out(Asked(Way.MERGE, "b", Person("Ada", "ada@example.com"), "test", patch, tags))
    assert "Number" in (repo.tree / "a.yaml").read_text()
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("rev-list", "--count", "HEAD") == "3"


def test_a_server_that_starts_takes_it_up(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed(repo, "merge", "branch")
    with hosted(repo.tree, tmp_path):
        assert repo.git("status", "--porcelain") == ""
        assert "Number" in (repo.tree / "a.yaml").read_text()


def test_what_a_person_did_since_stays(repo: Repo) -> None:
    killed(repo, "merge", "branch")
    (repo.tree / "a.yaml").write_text("owner: me@example.com\nllm: {model: openai/gpt-4.1}\n")
    Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT).take_up()
    assert "me@example.com" in (repo.tree / "a.yaml").read_text()
    assert repo.git("status", "--porcelain") == "M agents.d/a.yaml"


def test_what_a_writer_left_half_written_is_swept_up(repo: Repo) -> None:
    killed(repo, "merge", "branch")
    new = repo.git("show", "HEAD:agents.d/a.yaml")
    (repo.tree / ".agentconf-0123456789abcdef").write_text(new[:100])
    (repo.tree / ".agentconf-fedcba9876543210").write_text("somebody else's")
    (repo.folder / ".git/agentconf/index-0123456789abcdef").touch()
    Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT).take_up()
    assert repo.git("status", "--porcelain") == "?? agents.d/.agentconf-fedcba9876543210"
    assert [path.name for path in (repo.folder / ".git/agentconf").iterdir()] == ["lock"]


def test_a_lock_that_was_removed_by_hand_makes_no_difference(repo: Repo) -> None:
    killed(repo, "merge", "branch")
    (repo.folder / ".git/index.lock").unlink()
    Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT).take_up()
    assert repo.git("status", "--porcelain") == ""


def test_the_lock_of_another_git_is_left_alone(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "_PATIENCE_S", 0.2)
    killed(repo, "merge", "branch")
    lock = repo.folder / ".git/index.lock"
    lock.write_bytes(b"another's")
    writer = Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT)
    with pytest.raises(Problem, match="another git is at work"):
        writer.take_up()
    assert lock.read_bytes() == b"another's"
    lock.unlink()
    writer.take_up()
    assert repo.git("status", "--porcelain") == ""


@pytest.mark.timeout(120)
def test_killed_at_any_moment(repo: Repo) -> None:
    """Writers one after the other, each killed after a few writes at a moment of no importance to it."""
    chance = random.Random(20)
    told = 0
    for _ in range(6):
        with started(repo, "merge", "never", 1000) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 4)):
                told += bool(process.stdout.readline())
            process.poll()
            try:
                process.wait(chance.random() / 8)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
            told += len(process.stdout.read().split())
    Writer(str(repo.tree), Mode.COMMIT, ENVIRONMENT).take_up()
    assert repo.git("status", "--porcelain") == ""
    assert files(repo) == committed(repo)
    made = int(repo.git("rev-list", "--count", "HEAD")) - 1
    assert told <= made <= told + 6, "an answer without a commit, or commits that nobody asked for"
