"""One file written whole: readers see the old or the new content, whatever becomes of the writer."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

PREFIX: Final = ".agentconf-"
"""The loader passes over names that begin with a dot, so that a writer that died leaves nothing that is read."""

_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
_NO_SYNC: Final = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}
"""What a file system says that cannot sync folders, and a folder says that may be written to, but not listed."""


@contextmanager
def written_aside(
    path: str,
    data: bytes | Iterable[bytes],
    *,
    mode: int = 0o666,
    like: os.stat_result | None = None,
    is_synced: bool = True,
) -> Iterator[str]:
    """A temporary file beside `path` that holds the data, given whole or in pieces; the caller moves it into place.

    `mode` is subject to the umask; the owner and the mode of `like` are not. Whatever happens, the temporary file is
    gone in the end. An OSError names `path`: that is what the user has asked for.
    """
    temporary = os.path.join(os.path.dirname(path), PREFIX + os.urandom(8).hex())
    try:
        descriptor = os.open(temporary, _WRITE, mode if like is None else 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if like is not None:
                _resemble(descriptor, like)
            for piece in [data] if isinstance(data, bytes) else data:
                file.write(piece)
            if is_synced:  # or else a loss of power may leave the new name with nothing behind it
                file.flush()
                os.fsync(descriptor)
        yield temporary
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def _resemble(descriptor: int, like: os.stat_result) -> None:
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) != (like.st_uid, like.st_gid):
        with suppress(PermissionError):  # only root gives files away; the mode is what others can do
            os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, like.st_mode & 0o777)


def sync_folder(path: str) -> None:
    """Makes what was renamed in a folder last through a loss of power, where the file system can. Raises OSError."""
    try:
        descriptor = os.open(path or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
