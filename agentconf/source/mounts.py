"""Whether a folder's events can be trusted: what is mounted where, by the kernel's own list.

An event tells of a change that this machine's kernel has made itself. What another machine, the host of a virtual
machine or a program behind FUSE changes, reaches the reader all the same, but no event does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_LIST: Final = "/proc/self/mountinfo"
_ESCAPE: Final = re.compile(rb"\\([0-7]{3})")
_GONE: Final = "//deleted"
"""Behind a mount point that was removed under its mount."""

_FAMILIES: Final = (
    "fuse",  # sshfs, s3fs, gcsfuse, glusterfs, Docker Desktop's shares: a program behind it knows what changed, not we
    "nfs",
    "smb",
)
"""With whatever follows: nfs4, smb3, fuse.sshfs. fuseblk, a local disk, is swept without need, which costs little."""

_SHARED: Final = frozenset({
    # other machines write to the server
    "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gpfs", "lustre", "ncpfs", "orangefs", "panfs", "pvfs2", "wekafs",
    # other machines write to the same disk
    "gfs", "gfs2", "ocfs2",
    # the host writes, and this is the guest: virtual machines, sandboxes, WSL, Docker Desktop
    "9p", "drvfs", "fakeowner", "hostfs", "prl_fs", "vboxsf", "virtiofs", "vmhgfs",
    # what will be mounted at the first access is not known yet, and mostly it is NFS
    "autofs",
})  # fmt: skip


class Mount(NamedTuple):
    """`point` is where it is mounted; `kind` is the type of the file system, such as ext4 or nfs4."""

    point: str
    kind: str


def read_mounts() -> tuple[Mount, ...]:
    """What this process sees mounted, in the order of mounting; nothing where there is no such list, as on macOS."""
    try:
        with open(_LIST, "rb") as file:
            return parse_mounts(file.read())
    except OSError:
        return ()


def parse_mounts(text: bytes) -> tuple[Mount, ...]:
    """The text of /proc/self/mountinfo. A line of another form is passed over."""
    mounts = (_mount(line.split(b" ")) for line in text.split(b"\n"))
    return tuple(mount for mount in mounts if mount is not None)


def is_watchable(path: str | os.PathLike[str], mounts: Iterable[Mount]) -> bool:
    """Whether events tell of every change below a path; where they do not, look again and again.

    They do not on network and cluster file systems, where other machines write, nor on folders that a host shares with
    its guest, nor on FUSE: the change is made elsewhere, and this kernel hears of it when it is asked for the file.

    The path is absolute, with its links resolved. Of the mounts that hold it, the deepest counts, and of several at one
    point the last, which lies on top. A path that no mount holds is taken for an ordinary folder.
    """
    there = os.path.normpath(path)
    kinds = {mount.point: mount.kind for mount in mounts if _holds(mount.point, there)}
    kind = kinds[max(kinds, key=len)] if kinds else ""
    return kind not in _SHARED and not kind.startswith(_FAMILIES)


def holds_mounts(path: str | os.PathLike[str], mounts: Iterable[Mount]) -> bool:
    """Whether something is mounted below a folder: on a folder in it, or on a single file.

    A file that is mounted there lies in another folder, too, and a change that is made there is no event of this one.
    The path is absolute, with its links resolved.
    """
    there = os.path.normpath(path)
    return any(mount.point != there and _holds(there, mount.point) for mount in mounts)


def _mount(fields: list[bytes]) -> Mount | None:
    """`id parent major:minor root point options [optional...] - kind source options`."""
    try:
        kind = fields[fields.index(b"-", 6) + 1]
    except (ValueError, IndexError):
        return None
    point = _unescaped(fields[4])
    return None if point.endswith(_GONE) else Mount(point, _unescaped(kind))


def _unescaped(field: bytes) -> str:
    """Space, tab, line break, backslash and # are written as octal numbers."""
    return os.fsdecode(_ESCAPE.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), field))


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
