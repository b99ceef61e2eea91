from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentconf.source import mounts
from agentconf.source.mounts import Mount, holds_mounts, is_watchable, parse_mounts, read_mounts
from agentconf.source.publish import publish_file

TEXT = rb"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
40 27 0:45 / /srv/config ro,relatime shared:9 - nfs4 files:/export ro,vers=4.2
41 40 254:0 /local /srv/config/local rw - ext4 /dev/vda rw
42 27 254:0 /etc/\134odd /mnt/with\040space\011tab\012line\134\043 rw - fuse.sshfs me@there:/x\040y rw
43 27 254:0 /a.yaml /srv/agents.d/a.yaml ro - ext4 /dev/vda rw
44 27 254:0 / /srv/removed//deleted rw - nfs files:/export rw
a line of another form
45 27 254:0 / /srv/cut rw -
"""
MOUNTS = (
    Mount("/proc", "proc"),
    Mount("/", "ext4"),
    Mount("/srv/config", "nfs4"),
    Mount("/srv/config/local", "ext4"),
    Mount("/mnt/with space\ttab\nline\\#", "fuse.sshfs"),
    Mount("/srv/agents.d/a.yaml", "ext4"),
)


def test_each_line_is_a_mount() -> None:
    assert parse_mounts(TEXT) == MOUNTS


@pytest.mark.parametrize("name", ["\u2028", "\u00a0", "\x85", "\x0c", "ä"])
def test_what_python_takes_for_space_is_part_of_a_name(name: str) -> None:
    line = b"1 0 8:1 / /srv/" + os.fsencode(name) + b"/x rw - ext4 /dev/sda rw\n"
    assert parse_mounts(line) == (Mount(f"/srv/{name}/x", "ext4"),)


def test_a_name_need_not_be_text() -> None:
    assert parse_mounts(b"1 0 8:1 / /\xff rw - ext4 /dev/sda rw") == (Mount(os.fsdecode(b"/\xff"), "ext4"),)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", True),
        ("/srv", True),
        ("/srv/config", False),
        ("/srv/config/", False),
        ("/srv/config/agents.d", False),
        ("/srv/config-2", True),
        ("/srv/config/local", True),
        ("/srv/config/local/agents.d", True),
        ("/srv/config/localities", False),
        ("/mnt/with space\ttab\nline\\#/x", False),
        ("/srv/removed", True),
    ],
)
def test_the_deepest_mount_counts(path: str, expected: bool) -> None:
    assert is_watchable(path, MOUNTS) is expected
    assert is_watchable(Path(path), MOUNTS) is expected
    assert is_watchable(path, MOUNTS[::-1]) is expected


def test_of_several_at_one_point_the_last_counts() -> None:
    local, remote = Mount("/srv", "ext4"), Mount("/srv", "nfs")
    assert not is_watchable("/srv/agents.d", [local, remote])
    assert is_watchable("/srv/agents.d", [remote, local])


@pytest.mark.parametrize(
    "kind",
    """nfs nfs4 cifs smbfs smb3 9p fuse fuse.sshfs fuse.s3fs fuse.gcsfuse fuse.glusterfs fuse.grpcfuse virtiofs vboxsf
    vmhgfs prl_fs drvfs afs ceph lustre ocfs2 gfs2 gpfs beegfs fakeowner autofs""".split(),
)
def test_what_others_change_unheard_is_not_watchable(kind: str) -> None:
    assert not is_watchable("/srv/agents.d", [Mount("/", "ext4"), Mount("/srv", kind)])


@pytest.mark.parametrize("kind", "ext4 xfs btrfs zfs tmpfs overlay bcachefs f2fs apfs ramfs squashfs".split())
def test_what_this_machine_alone_changes_is_watchable(kind: str) -> None:
    assert is_watchable("/srv/agents.d", [Mount("/", "nfs"), Mount("/srv", kind)])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", True),
        ("/srv", True),
        ("/srv/agents.d", True),
        ("/srv/agents.d/", True),
        ("/srv/agents.d/a.yaml", False),
        ("/srv/agents", False),
        ("/srv/config", True),
        ("/srv/config/local", False),
    ],
)
def test_a_mount_below_a_folder_is_found_and_its_own_does_not_count(path: str, expected: bool) -> None:
    assert holds_mounts(path, MOUNTS) is expected
    assert holds_mounts(Path(path), MOUNTS) is expected


def test_without_a_list_everything_is_an_ordinary_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mounts, "_LIST", str(tmp_path / "mountinfo"))
    assert read_mounts() == ()
    assert is_watchable("/srv", ())
    assert not holds_mounts("/srv", ())


needs_list = pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="this system has no mountinfo")


@needs_list
def test_the_list_of_this_machine_is_read() -> None:
    text = Path("/proc/self/mountinfo").read_bytes()
    points = [line.split()[4] for line in text.splitlines()]
    assert len(parse_mounts(text)) == sum(not point.endswith(b"//deleted") for point in points)
    real = read_mounts()
    assert any(mount.point == "/proc" and mount.kind == "proc" for mount in real)
    assert is_watchable("/proc", real)
    assert all(mount.point.startswith("/") and os.path.normpath(mount.point) == mount.point for mount in real)
    assert holds_mounts("/", real)


@contextmanager
def bound(source: Path, target: Path) -> Iterator[None]:
    """One path mounted on another; the test is skipped where that is not allowed."""
    done = subprocess.run(["mount", "--bind", source, target], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mount --bind is not allowed here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", target], check=True)


@needs_list
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("name", ["a.yaml", "odd name\\#\t.yaml"])
def test_a_single_file_that_is_mounted_is_found(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "agents.d"
    folder.mkdir()
    for file in (folder / name, tmp_path / "elsewhere.yaml"):
        file.write_bytes(b"")
    assert not holds_mounts(folder, read_mounts())
    with bound(tmp_path / "elsewhere.yaml", folder / name):
        assert holds_mounts(folder, read_mounts())
        assert not holds_mounts(folder / name, read_mounts())
        assert str(folder / name) in {mount.point for mount in read_mounts()}
    assert not holds_mounts(folder, read_mounts())


@needs_list
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_mounted_file_shows_what_is_written_in_place_and_not_what_is_moved_there(tmp_path: Path) -> None:
    here, there = tmp_path / "a.yaml", tmp_path / "elsewhere.yaml"
    for file in (here, there):
        file.write_bytes(b"old")
    with bound(there, here):
        there.write_bytes(b"written in place")
        assert here.read_bytes() == b"written in place"
        publish_file(there, b"moved there")
        assert here.read_bytes() == b"written in place"
        with pytest.raises(OSError, match="busy") as raised:
            publish_file(here, b"moved here")
        assert raised.value.filename == str(here)
    assert there.read_bytes() == b"moved there"
    assert sorted(os.listdir(tmp_path)) == ["a.yaml", "elsewhere.yaml"]
