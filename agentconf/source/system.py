"""What the file system says: the stamp of a file, and errors as sentences."""

from __future__ import annotations

import errno
import os
from typing import Final, NamedTuple

_OUT_OF_ORDER: Final = frozenset((
    errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN, errno.ESHUTDOWN,
    errno.EHOSTDOWN, errno.EHOSTUNREACH,
))  # fmt: skip


class Stamp(NamedTuple):
    """What tells a file that was changed from one that was not. Of these a writer cannot set `changed_ns` back."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


def stamp_of(status: os.stat_result) -> Stamp:
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_out_of_order(error: OSError) -> bool:
    """Whether an error says that the machine or the mount is in trouble, rather than that a file is bad."""
    return error.errno in _OUT_OF_ORDER


def reason_of(error: OSError) -> str:
    """An error as the end of a sentence."""
    return (error.strerror or "it failed").lower()


def printable_path(path: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in path)
