"""The file of the last good itself: for whom it is, and what becomes of a start where it is damaged."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from agentconf.live.kept import Bytes, Kept, encoded
from agentconf.live.last_good import LastGood, folder_for
from agentconf.live.watch import watch
from tests.live.conftest import Follow
from tests.live.support import (
    BAD,
    IS_ROOT,
    NOBODY,
    owned,
    owner_of,
    put,
    stays,
    wait_owner,
)


def _served(follow: Follow, kept: Path) -> None:
    """Serve a tree and end."""
    follow(last_good=kept).close()


# -- modes


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_what_is_kept_is_for_this_user_alone(root: Path, kept: Path, follow: Follow) -> None:
    before = os.umask(0)
    try:
        _served(follow, kept)
    finally:
        os.umask(before)
    folder = folder_for(kept, str(root), None, "per-agent")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert [path.name for path in folder.iterdir()] == ["accepted"]


def test_each_folder_environment_and_mode_has_its_own(tmp_path: Path) -> None:
    places = [("t", None, "per-agent"), ("t", "prod", "per-agent"), ("t", "prod", "transactional"), ("u", "x", "y")]
    assert len({folder_for(tmp_path, *place) for place in places}) == 4


def test_without_a_home_there_is_no_cache_and_a_good_start(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr("agentconf.live.last_good.user_folder", homeless)
    with watch(root) as conf:
        assert sorted(conf) == ["a", "b"]


def test_what_a_killed_writer_left_is_swept_after_an_hour(root: Path, kept: Path, follow: Follow) -> None:
    _served(follow, kept)
    folder = folder_for(kept, str(root), None, "per-agent")
    for name, age_s in ((".agentconf-old", 7200), (".agentconf-new", 60)):
        (folder / name).write_text("half")
        moment = (folder / "accepted").stat().st_mtime - age_s
        os.utime(folder / name, (moment, moment))
    assert LastGood(folder).read() is not None
    assert sorted(path.name for path in folder.iterdir()) == [".agentconf-new", "accepted"]


# -- a cache that is damaged


def _refused(follow: Follow, kept: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A start that warns, and serves the live tree from generation 1."""
    caplog.clear()
    conf = follow(last_good=kept)
    assert (owner_of(conf), conf.status.state, conf.snapshot.generation) == ("first", "fresh", 1)
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len([line for line in said if "is not used" in line]) == 1, said
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    conf.close()


@pytest.fixture
def accepted(root: Path, kept: Path, follow: Follow) -> Path:
    """The file of what was accepted."""
    put(root, {"a.yaml": owned("second")})
    _served(follow, kept)
    put(root, {"a.yaml": owned("first")})
    path = folder_for(kept, str(root), None, "per-agent") / "accepted"
    assert path.exists()
    return path


def test_any_byte_that_is_flipped_is_a_warning(
    accepted: Path, kept: Path, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    data = accepted.read_bytes()
    for at in (0, 5, 19, 21, 60, 90, len(data) // 2, len(data) - 1):
        accepted.write_bytes(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :])
        _refused(follow, kept, caplog)


def test_any_length_that_is_cut_is_a_warning(
    accepted: Path, kept: Path, follow: Follow, caplog: pytest.LogCaptureFixture
) -> None:
    data = accepted.read_bytes()
    for length in (0, 1, 20, 85, 86, 100, len(data) // 2, len(data) - 1):
        accepted.write_bytes(data[:length])
        _refused(follow, kept, caplog)


def _newer(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"agentconf last good 2", b"agentconf last good 3", 1))


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _as_link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _as_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _as_anothers(path: Path) -> None:
    if not IS_ROOT:
        pytest.skip("only root gives files away")
    os.chown(path, NOBODY, NOBODY)


@pytest.mark.parametrize("spoil", [_newer, _as_folder, _as_link, _as_fifo, _as_anothers])
def test_a_cache_that_is_something_else_is_a_warning(
    accepted: Path, kept: Path, follow: Follow, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None]
) -> None:
    spoil(accepted)
    _refused(follow, kept, caplog)


def test_a_cache_that_is_a_folder_costs_no_descriptor(accepted: Path) -> None:
    _as_folder(accepted)
    before = len(os.listdir("/proc/self/fd"))
    assert LastGood(accepted.parent).read() is None
    assert len(os.listdir("/proc/self/fd")) == before


RECORDS = [
    "", "[]", "null", "{}", '["kept"]', "[" * 50_000, "no JSON", '["kept", "x", "y"]', '["kept", "x", Infinity]',
    '["files", ["a.yaml", 0]]', *(f'["kept", "x", 1]\n{said}' for said in (
        "[]", "1", "[[]]", '["kept", "x", 1]', '["agents", "a"]', '["files", 1]', '["files", ["a.yaml"]]',
        '["files", ["a.yaml", 1000000000]]', '["files", ["a.yaml", -1]]', '["files", ["a.yaml", 1.5]]',
        '["files", [1, 0]]', '["prompts", ["p.md", "1"]]', '["held"]\n["files", 1]',
    )),
]  # fmt: skip


@pytest.mark.parametrize("records", RECORDS, ids=range(len(RECORDS)))
def test_records_of_another_shape_are_a_warning(
    accepted: Path, kept: Path, follow: Follow, caplog: pytest.LogCaptureFixture, records: str
) -> None:
    data = f"agentconf last good 2\n{records}\n".encode()
    accepted.write_bytes(data + hashlib.sha256(data).hexdigest().encode() + b"\n")
    _refused(follow, kept, caplog)


def test_a_tree_that_was_kept_and_is_refused_today_stands_in_nobodys_way(
    accepted: Path, kept: Path, follow: Follow
) -> None:
    bad = Kept("sha256:x", 7, Bytes({"a.yaml": BAD.encode()}), ((("a", "z"), Bytes()),))
    accepted.write_bytes(b"".join(encoded(bad)))
    conf = follow(last_good=kept)
    assert (sorted(conf), conf.status.state) == (["a", "b"], "fresh")
    assert conf.snapshot.generation > 7


@pytest.mark.parametrize("spoil", ["a file", "another's folder", "a file above"])
def test_a_folder_that_cannot_be_had_is_a_warning_and_serving_goes_on(
    root: Path, kept: Path, follow: Follow, caplog: pytest.LogCaptureFixture, spoil: str
) -> None:
    folder = folder_for(kept, str(root), None, "per-agent")
    folder.parent.mkdir()
    if spoil == "a file":
        folder.write_text("x")
    elif spoil == "a file above":
        shutil.rmtree(kept)
        kept.write_text("x")
    else:
        folder.mkdir(mode=0o700)
        _as_anothers(folder)
    conf = follow(last_good=kept)
    for number in range(2):
        put(root, {"a.yaml": owned(number)})
        wait_owner(conf, number)
    conf.close()
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len([line for line in said if line.startswith("cannot keep")]) == 1, said
    stays(lambda: owner_of(conf) == "1", "what was served", 0.01)
