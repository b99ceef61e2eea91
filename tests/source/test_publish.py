from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from agentconf.source import layout
from agentconf.source.folder import read_folder
from agentconf.source.private import write_whole
from agentconf.source.publish import create_file, publish_file
from tests.source.publishing import failing, files_of, mode_of, names


def test_a_new_file_is_written_with_the_mode_that_the_umask_makes(tmp_path: Path, umask: int) -> None:
    publish_file(tmp_path / "a.yaml", "name: Ä\n")
    assert (tmp_path / "a.yaml").read_bytes() == "name: Ä\n".encode()
    assert mode_of(tmp_path / "a.yaml") == 0o666 & ~umask
    assert names(tmp_path) == ["a.yaml"]


def test_a_path_in_the_current_folder_needs_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    publish_file("a.yaml", b"1")
    create_file("b.yaml", b"2")
    assert files_of(tmp_path) == {"a.yaml": b"1", "b.yaml": b"2"}


def test_a_file_is_replaced_by_another_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"old")
    file.chmod(0o604)
    with file.open("rb") as reader:
        publish_file(file, b"new")
        assert reader.read() == b"old"
    assert file.read_bytes() == b"new"
    assert mode_of(file) == 0o604


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_root_leaves_a_file_to_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"old")
    os.chown(file, 1234, 4321)
    publish_file(file, b"new")
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 4321)


def test_where_a_file_cannot_be_left_to_its_owner_it_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_bytes(b"old")
    real = os.fstat

    def of_another(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        return os.stat_result((*status[:4], status.st_uid + 1, *status[5:10]))

    monkeypatch.setattr(os, "fstat", of_another)
    monkeypatch.setattr(os, "fchown", failing(PermissionError(errno.EPERM, "not permitted")))
    publish_file(tmp_path / "a.yaml", b"new")
    assert (tmp_path / "a.yaml").read_bytes() == b"new"


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_stays_and_the_file_that_it_leads_to_is_written(tmp_path: Path, is_there: bool) -> None:
    (tmp_path / "real").mkdir()
    if is_there:
        (tmp_path / "real" / "a.yaml").write_bytes(b"old")
    (tmp_path / "between").symlink_to("real/a.yaml")
    (tmp_path / "a.yaml").symlink_to("between")
    publish_file(tmp_path / "a.yaml", b"new")
    assert os.readlink(tmp_path / "a.yaml") == "between"
    assert names(tmp_path / "real") == ["a.yaml"]
    assert (tmp_path / "real" / "a.yaml").read_bytes() == b"new"


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links") as raised:
        publish_file(tmp_path / "a", b"")
    assert raised.value.errno == errno.ELOOP
    assert names(tmp_path) == ["a", "b"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(IsADirectoryError):
        publish_file(tmp_path / "folder", b"")
    with pytest.raises(OSError, match="not a regular file"):
        publish_file(tmp_path / "fifo", b"")
    assert names(tmp_path) == ["fifo", "folder"]
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)


@pytest.mark.parametrize("publish", [publish_file, create_file])
def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path, publish: Callable[[Path, bytes], None]) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        publish(tmp_path / "nowhere" / "a.yaml", b"")
    assert raised.value.filename == str(tmp_path / "nowhere" / "a.yaml")


@pytest.mark.parametrize("step", ["fsync", "replace", "fchmod", "fdopen"])
@pytest.mark.parametrize("what", [OSError(errno.ENOSPC, "no space left"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, what: BaseException
) -> None:
    (tmp_path / "a.yaml").write_bytes(b"old")
    monkeypatch.setattr(os, step, failing(what))
    with pytest.raises(type(what)):
        publish_file(tmp_path / "a.yaml", b"new")
    assert files_of(tmp_path) == {"a.yaml": b"old"}


def test_the_loader_passes_over_the_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = os.replace

    def look(source: str, target: str) -> None:
        seen.extend(names(tmp_path))
        assert list(read_folder(tmp_path).files) == []
        real(source, target)

    monkeypatch.setattr(os, "replace", look)
    publish_file(tmp_path / "a.yaml", b"")
    assert len(seen) == 1
    assert layout.is_passed_over(seen[0])


@pytest.mark.parametrize(("code", "is_raised"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_file_system_that_cannot_sync_folders_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_raised: bool
) -> None:
    monkeypatch.setattr(os, "fsync", failing(OSError(code, "cannot"), at=2))  # the first is that of the file
    if is_raised:
        with pytest.raises(OSError, match="cannot"):
            publish_file(tmp_path / "a.yaml", b"new")
    else:
        publish_file(tmp_path / "a.yaml", b"new")
    assert files_of(tmp_path) == {"a.yaml": b"new"}


def test_a_new_file_replaces_nothing(tmp_path: Path) -> None:
    create_file(tmp_path / "a.yaml", "new")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("a.yaml", "link"):
        with pytest.raises(FileExistsError) as raised:
            create_file(tmp_path / name, "newer")
        assert raised.value.filename == str(tmp_path / name)
    assert names(tmp_path) == ["a.yaml", "link"]
    assert files_of(tmp_path) == {"a.yaml": b"new"}


def test_a_new_file_needs_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: str, target: str) -> None:
        raise PermissionError(errno.EPERM, "no links here", target)

    monkeypatch.setattr(os, "link", refuse)
    create_file(tmp_path / "a.yaml", "new")
    with pytest.raises(FileExistsError):
        create_file(tmp_path / "a.yaml", "newer")
    assert files_of(tmp_path) == {"a.yaml": b"new"}


def test_a_new_file_fails_where_linking_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(OSError(errno.EIO, "broken")))
    with pytest.raises(OSError, match="broken"):
        create_file(tmp_path / "a.yaml", "new")
    assert names(tmp_path) == []


def test_a_private_file_is_the_users_own_whatever_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"old")
    (tmp_path / "a.json").chmod(0o666)
    write_whole(tmp_path / "a.json", b"new")
    assert mode_of(tmp_path / "a.json") == 0o600
    assert files_of(tmp_path) == {"a.json": b"new"}
