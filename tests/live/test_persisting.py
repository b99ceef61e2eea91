"""Keeping the last good while the machine fails: a writer killed at every step, and disks that are full."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentconf.live.content import UNREAD, Content
from agentconf.live.kept import Bytes, Kept, decoded, encoded
from agentconf.live.last_good import LastGood
from tests.live.conftest import Follow
from tests.live.support import (
    Program,
    as_root,
    owned,
    put,
    run,
    wait_for,
    wait_owner,
    wait_state,
)
from tests.support import REPOSITORY

OLD = Kept("sha256:old", 1, Bytes({"a.yaml": owned("old").encode()}))
NEW = Kept("sha256:new", 2, Bytes({"a.yaml": owned("new").encode()}), ((("b",), Bytes({"b.yaml": b"{}\n"})),))

_SUICIDE = """
import os, signal, sys
from pathlib import Path
from agentconf.live.kept import decoded
from agentconf.live.last_good import LastGood
left = int(sys.argv[2])

def dies(what, after):
    def step(*arguments, **options):
        global left
        left -= 1
        if left < 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = what(*arguments, **options)
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return step

kept = decoded(sys.stdin.buffer.read())
for name in ("open", "fsync", "replace", "unlink", "close", "fdopen", "mkdir"):
    setattr(os, name, dies(getattr(os, name), after=sys.argv[3] == "after"))
keeper = LastGood(Path(sys.argv[1]))
keeper._write(lambda: kept)
"""


def _write_and_die(folder: Path, step: int, when: str) -> int:
    words = [sys.executable, "-c", _SUICIDE, str(folder), str(step), when]
    return subprocess.run(words, cwd=REPOSITORY, input=b"".join(encoded(NEW)), check=False, timeout=30).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_writer_killed_at_any_step_leaves_the_old_or_the_new(tmp_path: Path, when: str) -> None:
    found, step = [], 0
    while True:
        folder = tmp_path / str(step)
        keeper = LastGood(folder)
        keeper._write(lambda: OLD)
        status = _write_and_die(folder, step, when)
        found.append(keeper.read())
        if status == 0:
            break
        assert status == -9
        step += 1
        assert step < 40
    assert step >= 5
    assert set(map(_name, found)) == {"old", "new"}
    assert found == sorted(found, key=_name, reverse=True)  # once it is the new one, it stays so
    assert found[-1] == NEW


def _name(kept: Kept | None) -> str:
    assert kept is not None
    assert kept == OLD or kept == NEW  # noqa: PLR1714  # they cannot be hashed
    return kept.digest.removeprefix("sha256:")


def test_the_file_holds_the_very_bytes() -> None:
    for kept in (OLD, NEW, Kept("", 0, Bytes())):
        assert decoded(b"".join(encoded(kept))) == kept
    assert owned("new").encode() in b"".join(encoded(NEW))


def test_a_large_tree_is_written_in_small_pieces() -> None:
    files: dict[str, Content] = {f"{number}.yaml": bytes([number % 256]) * 700 for number in range(5_000)}
    names = tuple(f"agent-{number}" for number in range(5_000))
    kept = Kept("sha256:x", 3, Bytes({**files, "unread.yaml": UNREAD}, {"p.md": b"\n"}), ((names, Bytes(files)),))
    pieces = list(encoded(kept))
    assert max(map(len, pieces)) < 256 << 10
    assert decoded(b"".join(pieces)) == kept


def test_a_service_killed_while_it_persists_starts_again(root: Path, kept: Path, follow: Follow) -> None:
    lines = """
import signal
from agentconf.live import last_good
real = last_good.sync_folder
def dies(path):
    if sys.argv[3].encode() in Path(path, "accepted").read_bytes():
        os.kill(os.getpid(), signal.SIGKILL)
    real(path)
last_good.sync_folder = dies
conf = watch(sys.argv[1], last_good=sys.argv[2])
"""
    for number in range(3):
        with Program(lines, root, kept, f"owner: '{number}'") as service:
            put(root, {"a.yaml": owned(number)})
            assert wait_for(service.process.poll, "its end") == -9
    put(root, {"a.yaml": "owner: [\n", "b.yaml": "owner: [\n"})
    conf = follow(last_good=kept)
    assert conf["a"].owner == "2"
    assert conf.snapshot.generation == 4


# -- disks that are full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "disk"
    made.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64k", "none", made, folder=tmp_path)
    yield made
    subprocess.run(["umount", "--lazy", str(made)], check=False)


@as_root
def test_a_full_disk_stops_the_keeping_and_not_the_serving(
    root: Path, small_disk: Path, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    put(root, {"b.yaml": owned("first", "description: '" + "x" * 20_000 + "'\n")})
    follow(last_good=small_disk).close()
    (small_disk / "ballast").write_bytes(b"x" * 30_000)
    conf = follow(last_good=small_disk)
    for number in range(3):
        put(root, {"a.yaml": owned(number)})
        wait_owner(conf, number, seconds=1)
    wait_for(lambda: _warnings(caplog), "the warning")
    wait_state(conf, "fresh")
    (small_disk / "ballast").unlink()
    put(root, {"a.yaml": owned("kept")})
    wait_owner(conf, "kept")
    conf.close()
    assert len(_warnings(caplog)) == 1
    assert "no space left" in _warnings(caplog)[0].lower()
    put(root, {"a.yaml": "owner: [\n"})
    assert follow(last_good=small_disk)["a"].owner == "kept"


def _warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits")
def test_a_limit_on_the_size_of_files_stops_the_keeping_and_not_the_serving(root: Path, kept: Path) -> None:
    lines = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
conf = watch(sys.argv[1], last_good=sys.argv[2])
conf._follower.last_good._thread.is_alive() or sys.exit(3)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
"""
    with Program(lines, root, kept) as program:
        put(root, {"a.yaml": owned("second")})
        wait_for(lambda: program.ask("conf['a'].owner") == "second", "the edit")
        wait_for(lambda: program.ask("conf._follower.last_good._has_failed"), "the failure to keep")
        wait_for(lambda: program.ask("conf.status.state") == "fresh", "serving")
