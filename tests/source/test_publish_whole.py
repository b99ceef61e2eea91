"""Readers that look all the time, and writers that are killed at every step: old or new, never a mix."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agentconf.source.folder import read_folder
from agentconf.source.publish import publish_tree
from tests.source.publishing import NEW, OLD, files_of, names
from tests.support import REPOSITORY

FLIPS = 300


def test_readers_never_see_a_mix(link: Path) -> None:
    size = 8
    trees = [{f"team/a{each}.yaml": f"{number}\n".encode() for each in range(size)} for number in range(FLIPS)]
    publish_tree(link, trees[0])
    seen: list[set[bytes]] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            with suppress(FileNotFoundError):  # two flips later, the tree that was being read is removed
                root = Path(os.path.realpath(link, strict=True))
                files = [(root / "team" / f"a{each}.yaml").read_bytes() for each in range(size)]
                seen.append(set(files))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for tree in trees:
        publish_tree(link, tree)
    is_over.set()
    for reader in readers:
        reader.join()
    assert [each for each in seen if len(each) != 1] == []
    assert len(set.union(*seen)) > 10  # they did look while it changed


KILLED = """
import os, signal, sys
from agentconf.source.publish import create_file, publish_file, publish_tree

left = int(sys.argv[1])

def counted(real):
    def step(*arguments, **options):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    return step

for name in "open mkdir chmod fchmod fchown fsync link rename replace symlink unlink rmdir close".split():
    setattr(os, name, counted(getattr(os, name)))
"""


def deaths(statement: str, folder: Path) -> Iterator[int]:
    """Runs a statement in a folder, again and again, killed a step later each time, until it comes to its end."""
    for step in range(1, 1000):
        program = [sys.executable, "-S", "-c", f"{KILLED}\n{statement}", str(step)]
        ended = subprocess.run(program, cwd=folder, env={"PYTHONPATH": str(REPOSITORY)}, check=False)
        yield step
        if ended.returncode == 0:
            return
        assert ended.returncode == -signal.SIGKILL
    pytest.fail("it never came to its end")


def test_killed_at_any_step_a_file_is_the_old_or_the_new(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"old")
    seen = []
    for _ in deaths("publish_file('a.yaml', 'new')", tmp_path):
        assert list(read_folder(tmp_path).files) == ["a.yaml"]
        seen.append(file.read_bytes())
        file.write_bytes(b"old")
    assert set(seen) == {b"old", b"new"}
    assert seen == sorted(seen, reverse=True)  # a step later it may be new, and then stays so
    assert len(seen) > 5


def test_killed_at_any_step_a_new_file_is_whole_or_not_there(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    seen = set()
    for _ in deaths("create_file('a.yaml', 'new')", tmp_path):
        seen.add(file.read_bytes() if file.exists() else None)
        file.unlink(missing_ok=True)
    assert seen == {None, b"new"}


def test_killed_at_any_step_a_first_tree_is_whole_or_not_there(link: Path) -> None:
    seen = []
    for _ in deaths(f"publish_tree('agents.d', {NEW!r})", link.parent):
        seen.append(os.path.lexists(link))
        assert not seen[-1] or files_of(link) == NEW
        link.unlink(missing_ok=True)
    assert seen == sorted(seen)
    assert seen.count(False) > 15


def test_killed_at_any_step_a_tree_is_the_old_or_the_new_and_the_next_one_tidies_up(link: Path) -> None:
    seen = []
    publish_tree(link, OLD)
    for _ in deaths(f"publish_tree('agents.d', {NEW!r}, keep=0)", link.parent):
        files = files_of(link)
        assert files in (OLD, NEW)
        seen.append(files == NEW)
        publish_tree(link, OLD, keep=0)
        assert files_of(link) == OLD
        assert names(link.parent) == sorted([os.readlink(link), "agents.d"])
    assert seen == sorted(seen)
    assert seen.count(False) > 15
    assert seen.count(True) > 5  # while the older one is removed
