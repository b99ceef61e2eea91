"""Real tools that write: git, vim, mv, and a git that is in the middle of its work."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from agentconf.live.timing import Timing
from agentconf.live.watch import Watch
from tests.live.conftest import Follow
from tests.live.support import (
    QUICK,
    Reader,
    many,
    owned,
    owner_of,
    put,
    run,
    stays,
    wait_file,
    wait_for,
    wait_gone,
    wait_owner,
    wait_state,
)

AGENTS = 2_000
CHANGED = 1_000


def _commit(repository: Path, text: str) -> None:
    run("git", "add", "--all", folder=repository)
    run("git", "-c", "user.name=t", "-c", "user.email=t@example.net", "commit", "-q", "-m", text, folder=repository)


@pytest.fixture
def repository(root: Path) -> Path:
    run("git", "init", "-q", "-b", "one", ".", folder=root.parent)
    _commit(root.parent, "one")
    return root.parent


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two branches of 2,000 agents that differ in 1,000."""
    made = tmp_path_factory.mktemp("large")
    root = made / "agents.d"
    root.mkdir()
    _fill(root, AGENTS, "one")
    run("git", "init", "-q", "-b", "one", ".", folder=made)
    _commit(made, "one")
    run("git", "checkout", "-q", "-b", "two", folder=made)
    _fill(root, CHANGED, "two")
    _commit(made, "two")
    yield made
    shutil.rmtree(made)


def _fill(root: Path, count: int, owner: str) -> None:
    for name, text in many(count, owner).items():
        (root / name).write_text(text)


def test_a_checkout_of_a_thousand_files_is_one_generation_or_two(large: Path, follow: Follow) -> None:
    run("git", "checkout", "-q", "one", folder=large)
    conf = follow(large / "agents.d")
    generations = [conf.snapshot.generation]
    for branch in ("two", "one", "two"):
        run("git", "checkout", "-q", branch, folder=large)
        for agent in ("agent-000", "agent-500", "agent-999"):
            wait_owner(conf, branch, agent)
        assert sum(agent.owner == branch for agent in conf.values()) >= CHANGED
        generations.append(conf.snapshot.generation)
    steps = [after - before for before, after in pairwise(generations)]
    assert max(steps) <= 2, steps
    assert len(conf) == AGENTS
    wait_state(conf, "fresh")


def test_a_stash_and_its_return_are_served(root: Path, repository: Path, follow: Follow) -> None:
    conf = follow()
    put(root, {"a.yaml": owned("work in progress"), "b.yaml": owned("work in progress")})
    wait_owner(conf, "work in progress")
    wait_owner(conf, "work in progress", "b")
    with Reader(lambda: sorted(conf)) as reader:
        run("git", "-c", "user.name=t", "-c", "user.email=t@example.net", "stash", "-q", folder=repository)
        wait_owner(conf, "first", seconds=3)
        wait_owner(conf, "first", "b", seconds=3)
        run("git", "stash", "pop", "-q", folder=repository)
        wait_owner(conf, "work in progress", seconds=3)
    assert reader.seen == [["a", "b"]]


def test_branches_that_change_places_end_where_git_does(root: Path, repository: Path, follow: Follow) -> None:
    run("git", "checkout", "-q", "-b", "two", folder=repository)
    put(root, {"a.yaml": owned("two"), "team/c.yaml": owned("two")})
    _commit(repository, "two")
    conf = follow()
    with Reader(lambda: "b" in conf) as reader:
        for branch in ("one", "two") * 6:
            run("git", "checkout", "-q", branch, folder=repository)
        wait_owner(conf, "two", seconds=3)
        wait_owner(conf, "two", "c", seconds=3)
        run("git", "checkout", "-q", "one", folder=repository)
        wait_owner(conf, "first", seconds=3)
        wait_gone(conf, "c", seconds=3)
    assert reader.seen == [True]
    wait_state(conf, "fresh")


def test_a_git_that_is_at_work_is_awaited(root: Path, repository: Path, follow: Follow) -> None:
    conf = follow()
    lock = repository / ".git" / "index.lock"
    lock.touch()
    put(root, {"a.yaml": owned("second")})
    stays(lambda: owner_of(conf) == "first", "what was served before", 0.4)
    lock.unlink()
    wait_owner(conf, "second", seconds=1)


def _is_at(conf: Watch, generation: int) -> bool:
    return conf.snapshot.generation == generation


def test_what_git_writes_last_is_of_the_same_generation(root: Path, repository: Path, follow: Follow) -> None:
    conf = follow()
    lock = repository / ".git" / "index.lock"
    for number in range(2, 10):
        lock.touch()
        put(root, {"a.yaml": owned(number)})
        wait_for(lambda: conf._follower._lookout.changed, "the look")
        stays(partial(_is_at, conf, number - 1), "git is awaited", 0.1)
        put(root, {"b.yaml": owned(number)})
        lock.unlink()
        wait_owner(conf, number, seconds=1)
        wait_owner(conf, number, "b", seconds=1)
        assert conf.snapshot.generation == number


def test_a_git_that_takes_too_long_is_awaited_no_more(root: Path, repository: Path, follow: Follow) -> None:
    conf = follow(timing=Timing(beat=QUICK.beat, lock_limit=0.3))
    (repository / ".git" / "index.lock").touch()
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=2)


def test_a_lock_that_a_crashed_git_left_holds_up_nothing(root: Path, repository: Path, follow: Follow) -> None:
    lock = repository / ".git" / "index.lock"
    lock.touch()
    os.utime(lock, (time.time() - 60, time.time() - 60))
    conf = follow()
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=1)


def test_a_watch_that_awaits_git_can_be_closed(root: Path, repository: Path, follow: Follow) -> None:
    conf = follow(timing=Timing(beat=QUICK.beat, lock_limit=3))
    (repository / ".git" / "index.lock").touch()
    put(root, {"a.yaml": owned("second")})
    wait_for(lambda: conf._follower._lookout.changed, "the look")
    started = time.monotonic()
    conf.close()
    assert time.monotonic() - started < 1


def test_a_lock_of_a_linked_worktree_counts(root: Path, repository: Path, tmp_path: Path, follow: Follow) -> None:
    run("git", "worktree", "add", "-q", tmp_path / "linked", "-b", "linked", folder=repository)
    linked = tmp_path / "linked" / root.name
    conf = follow(linked)
    lock = repository / ".git" / "worktrees" / "linked" / "index.lock"
    lock.touch()
    put(linked, {"a.yaml": owned("second")})
    stays(lambda: owner_of(conf) == "first", "what was served before", 0.3)
    lock.unlink()
    wait_owner(conf, "second", seconds=1)


# -- editors and mv


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
@pytest.mark.parametrize("settings", ["echo", "set backupcopy=no writebackup", "set backupcopy=yes", "set backup"])
def test_a_save_by_vim_does_not_blink(root: Path, follow: Follow, settings: str) -> None:
    conf = follow()
    with Reader(lambda: (owner_of(conf), conf.status.state)) as reader:
        for before, after in (("first", "second"), ("second", "third")):
            edit = f"%s/{before}/{after}/"
            run("vim", "-u", "NONE", "-es", "-c", settings, "-c", edit, "-c", "wq", "a.yaml", folder=root)
            wait_owner(conf, after, seconds=3)
    assert reader.seen == [("first", "fresh"), ("second", "fresh"), ("third", "fresh")]
    assert sorted(conf) == ["a", "b"]


def test_mv_over_a_file_and_from_another_folder(root: Path, follow: Follow) -> None:
    conf = follow()
    (root.parent / "new.yaml").write_text(owned("second"))
    run("mv", "-f", root.parent / "new.yaml", root / "a.yaml", folder=root)
    wait_owner(conf, "second", seconds=1)
    run("mv", root / "a.yaml", root.parent / "aside.yaml", folder=root)
    run("mv", root.parent / "aside.yaml", root / "a.yaml", folder=root)
    stays(lambda: owner_of(conf) == "second", "no blink", 0.2)
    run("mkdir", "team", folder=root)
    run("mv", "a.yaml", "b.yaml", "team", folder=root)
    wait_file(conf, "team/b.yaml", "b")
    run("mv", "team", "crew", folder=root)
    wait_file(conf, "crew/b.yaml", "b")
    assert conf.snapshot.generation == 2


def test_cp_in_place_and_sed(root: Path, follow: Follow) -> None:
    conf = follow()
    (root.parent / "new.yaml").write_text(owned("second"))
    run("cp", root.parent / "new.yaml", root / "a.yaml", folder=root)
    wait_owner(conf, "second", seconds=2)
    run("sed", "-i", "s/second/third/", "a.yaml", folder=root)
    wait_owner(conf, "third", seconds=2)
    wait_state(conf, "fresh")
