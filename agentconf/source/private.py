"""Files that only this user may read: a folder of mode 0700, written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from agentconf.source.whole import written_aside


class NotPrivate(Exception):
    """The folder belongs to somebody else, or others may write to it; the message says which and what to do."""


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing. Raises NotPrivate and OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)  # parents get the user's own mode; nothing private lies there
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise NotPrivate(f"{path} is not a folder")
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        raise NotPrivate(f"{path} belongs to another user")
    if stat.S_IMODE(status.st_mode) & 0o077:
        path.chmod(0o700)
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Replaces a file's content in one step: readers see the old or the new. Raises OSError.

    It is not synced: this is for what can be made again.
    """
    with written_aside(os.fspath(path), data, mode=0o600, is_synced=False) as temporary:
        os.replace(temporary, path)


def read_private(path: Path, limit: int) -> bytes:
    """A file of this user's own. Raises NotPrivate where it is another's, a link or too large, and OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(descriptor)
        is_own = not hasattr(os, "getuid") or status.st_uid == os.getuid()
        if not stat.S_ISREG(status.st_mode) or not is_own or status.st_size > limit:
            raise NotPrivate(f"{path} is not a file of this user's own")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)
