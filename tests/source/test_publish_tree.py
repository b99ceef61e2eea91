from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

import agentconf
from agentconf.source.folder import read_folder
from agentconf.source.publish import publish_file, publish_tree
from tests.source.publishing import NEW, OLD, failing, files_of, folder_of, mode_of, names
from tests.support import REPOSITORY


def test_a_tree_is_published_behind_a_relative_link(link: Path) -> None:
    made = publish_tree(link, NEW)
    assert files_of(link) == NEW
    assert os.readlink(link) == made.name == ".agents.d.published-1"
    assert made.parent == link.parent
    link.parent.rename(link.parent.with_name("mounted-elsewhere"))
    assert files_of(link.parent.with_name("mounted-elsewhere") / "agents.d") == NEW
    link.parent.with_name("mounted-elsewhere").rename(link.parent)


def test_what_is_published_can_be_loaded(link: Path) -> None:
    publish_tree(f"{link}/", REPOSITORY / "agents.d")
    expected = agentconf.load(REPOSITORY / "agents.d", environment="prod")
    assert agentconf.load(link, environment="prod").digest == expected.digest
    assert files_of(link) == files_of(REPOSITORY / "agents.d")


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_older_trees_are_removed_but_the_last_ones(link: Path, keep: int) -> None:
    for _ in range(5):
        publish_tree(link, OLD, keep=keep)
    publish_tree(link, NEW, keep=keep)
    assert files_of(link) == NEW
    kept = [f".agents.d.published-{number}" for number in range(6 - keep, 7)]
    assert names(link.parent) == [*kept, "agents.d"]


def test_the_tree_that_was_served_is_the_last_to_go(link: Path) -> None:
    for files in (OLD, NEW, NEW):
        publish_tree(link, files, keep=9)
    link.unlink()
    link.symlink_to(".agents.d.published-1")  # rolled back by hand
    publish_tree(link, NEW)
    assert names(link.parent) == [".agents.d.published-1", ".agents.d.published-4", "agents.d"]


def test_links_that_lead_elsewhere_are_replaced_and_their_folders_stay(link: Path, tmp_path: Path) -> None:
    folder_of(tmp_path / "hand-made", OLD)
    link.symlink_to("hand-made")
    publish_tree(link, NEW, keep=0)
    assert files_of(link) == NEW
    assert files_of(tmp_path / "hand-made") == OLD


def test_what_has_a_like_name_and_is_another_s_stays(link: Path, tmp_path: Path) -> None:
    others = [
        ".agents.d.published-x",
        ".agents.d.published-01",
        ".agents.d-1",
        ".agents.d.old.published-1",
        ".agents_d.published-1",
    ]
    for name in others:
        (tmp_path / name).mkdir()
    (tmp_path / ".agents.d.published-1").symlink_to("nowhere")
    (tmp_path / ".agents.d.link-1").write_bytes(b"mine")
    (tmp_path / ".agents.d.unfinished-8").mkdir()
    (tmp_path / ".agents.d.link-8").symlink_to("nowhere")
    (tmp_path / ".agents.d.published-3").mkdir()
    publish_tree(link, NEW, keep=0)
    left = {*others, ".agents.d.published-1", ".agents.d.link-1", ".agents.d.published-4", "agents.d"}
    assert set(names(tmp_path)) == left


def test_a_folder_in_the_place_of_the_link_is_left_alone(link: Path) -> None:
    folder_of(link, OLD)
    with pytest.raises(FileExistsError, match=r"move it away first, such as to agents\.d\.old"):
        publish_tree(link, NEW)
    assert files_of(link) == OLD
    assert names(link.parent) == ["agents.d"]
    publish_file(link.parent / "file", b"")
    with pytest.raises(FileExistsError, match="no link"):
        publish_tree(link.parent / "file", NEW)


@pytest.mark.parametrize("name", ["", ".", "..", "/", "a/.."])
def test_the_link_must_have_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="cannot be a link"):
        publish_tree(name, NEW)


@pytest.mark.parametrize(
    "path", ["/etc/a.yaml", "../a.yaml", "a/../../b.yaml", "a/../b.yaml", "", ".", "a//b.yaml", "./a.yaml", "a/", "a\0"]
)
def test_a_path_that_leads_out_of_the_tree_is_refused(link: Path, path: str) -> None:
    publish_tree(link, OLD)
    with pytest.raises(ValueError, match=r"not a path below the tree|null"):
        publish_tree(link, NEW | {path: b""})
    assert files_of(link) == OLD
    assert names(link.parent) == [".agents.d.published-1", "agents.d"]


def test_a_file_cannot_be_a_folder_too(link: Path) -> None:
    with pytest.raises(ValueError, match=r"'team/x' cannot be a file: 'team/x/b\.yaml' lies in it"):
        publish_tree(link, {"team/x/b.yaml": "", "team/x": ""})


def test_keep_is_a_number_from_0(link: Path) -> None:
    with pytest.raises(ValueError, match="keep"):
        publish_tree(link, NEW, keep=-1)


def test_a_source_that_is_missing_or_no_folder_is_an_error(link: Path, tmp_path: Path) -> None:
    publish_file(tmp_path / "file", b"")
    with pytest.raises(FileNotFoundError):
        publish_tree(link, tmp_path / "nowhere")
    with pytest.raises(NotADirectoryError):
        publish_tree(link, tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        publish_tree(tmp_path / "nowhere" / "agents.d", NEW)
    assert names(tmp_path) == ["file"]


def test_permissions_and_empty_folders_are_copied(link: Path, tmp_path: Path) -> None:
    source = folder_of(tmp_path / "source", NEW)
    (source / "a.yaml").chmod(0o440)
    (source / "empty").mkdir(mode=0o700)
    (source / "team").chmod(0o555)
    source.chmod(0o750)
    made = publish_tree(link, source)
    assert mode_of(link / "a.yaml") == 0o440
    assert mode_of(link / "empty") == 0o700
    assert mode_of(link / "team") == 0o755  # the owner must be able to remove it some day
    assert mode_of(made) == 0o750


def test_a_mapping_gets_the_permissions_that_the_umask_makes(link: Path, umask: int) -> None:
    made = publish_tree(link, NEW)
    assert mode_of(made) == mode_of(made / "team") == 0o777 & ~umask
    assert mode_of(made / "team" / "c.yaml") == 0o666 & ~umask


def test_a_config_map_s_links_are_copied_as_links(link: Path, tmp_path: Path) -> None:
    source = tmp_path / "mounted"
    folder_of(source / "..2026_11_21", NEW)
    (source / "..data").symlink_to("..2026_11_21")
    for name in ("a.yaml", "_defaults.yaml", "team"):
        (source / name).symlink_to(f"..data/{name}")
    (source / "team" / "d.yaml").symlink_to("../a.yaml")
    publish_tree(link, source)
    assert os.readlink(link / "a.yaml") == "..data/a.yaml"
    assert list(read_folder(link).files) == ["_defaults.yaml", "a.yaml", "team/c.yaml", "team/d.yaml"]


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "../source/a.yaml", "out", "{source}/a.yaml"])
def test_a_link_that_leads_out_of_the_tree_is_refused(link: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "outside").mkdir()
    source = folder_of(tmp_path / "source", OLD)
    (source / "team" / "out").symlink_to(tmp_path / "outside")
    (source / "team" / "x.md").symlink_to(target.format(source=source))
    if target != "out":
        (source / "team" / "out").unlink()
        (source / "x.md").symlink_to(target.format(source=source))
    with pytest.raises(ValueError, match="leads out of the tree"):
        publish_tree(link, source)
    assert names(tmp_path) == ["outside", "source"]


def test_what_is_neither_file_nor_folder_is_refused(link: Path, tmp_path: Path) -> None:
    source = folder_of(tmp_path / "source", OLD)
    os.mkfifo(source / "team" / "fifo")
    with pytest.raises(ValueError, match="'team/fifo' is neither a file nor a folder"):
        publish_tree(link, source)


def test_what_git_keeps_for_itself_is_left_out(link: Path, tmp_path: Path) -> None:
    source = folder_of(tmp_path / "source", NEW | {".git/config": b"", ".yamllint": b""})
    publish_tree(link, source)
    assert files_of(link) == NEW | {".yamllint": b""}


def test_a_folder_is_not_copied_into_itself(link: Path, tmp_path: Path) -> None:
    folder_of(tmp_path, NEW)
    for source in (tmp_path, tmp_path.parent, "/"):
        with pytest.raises(ValueError, match="would lie in"):
            publish_tree(link, source)


def test_what_is_published_can_be_published_again(link: Path) -> None:
    publish_tree(link, OLD)
    publish_tree(link, link)
    assert files_of(link) == OLD
    assert os.readlink(link) == ".agents.d.published-2"


@pytest.mark.parametrize("step", ["mkdir", "fsync", "rename", "symlink", "replace"])
@pytest.mark.parametrize("what", [OSError(errno.ENOSPC, "no space left"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_tree_and_nothing_else(
    link: Path, monkeypatch: pytest.MonkeyPatch, step: str, what: BaseException
) -> None:
    publish_tree(link, OLD)
    with monkeypatch.context() as patched:
        real = getattr(os, step)
        fail = failing(what)

        def first_fails(*arguments: Any, **options: Any) -> Any:
            fail()
            return real(*arguments, **options)

        patched.setattr(os, step, first_fails)
        with pytest.raises(type(what)):
            publish_tree(link, NEW)
    assert files_of(link) == OLD
    assert names(link.parent) == [".agents.d.published-1", "agents.d"]


def test_when_the_last_sync_fails_the_new_tree_is_there(link: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_tree(link, OLD)
    syncs = len(NEW) + 2 + 2  # the files, the folders, and twice the one that holds the link
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing(OSError(errno.EIO, "broken"), at=syncs))
        with pytest.raises(OSError, match="broken"):
            publish_tree(link, NEW)
    assert files_of(link) == NEW


def test_an_older_tree_that_cannot_be_removed_is_no_error(link: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_tree(link, OLD)
    with monkeypatch.context() as patched:
        patched.setattr(os, "rmdir", failing(PermissionError(errno.EPERM, "not permitted")))
        publish_tree(link, NEW, keep=0)
    assert files_of(link) == NEW
    publish_tree(link, NEW, keep=0)
    assert names(link.parent) == [".agents.d.published-3", "agents.d"]


def test_publishers_take_turns(link: Path) -> None:
    def publish() -> None:
        for _ in range(10):
            publish_tree(link, NEW)

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files_of(link) == NEW
    assert names(link.parent) == [".agents.d.published-39", ".agents.d.published-40", "agents.d"]


def test_a_folder_that_cannot_be_locked_is_no_error(link: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fcntl.flock", failing(OSError(errno.EBADF, "not over the network")))
    publish_tree(link, NEW)
    assert files_of(link) == NEW
