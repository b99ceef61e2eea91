"""What a walk asks of the place that holds a tree: the disk, or a commit."""

from __future__ import annotations

import errno
import os
from collections.abc import Hashable, Iterable
from contextlib import AbstractContextManager
from typing import Protocol


class Entry(Protocol):
    """A name in a folder, as `os.scandir` gives it."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> str: ...

    def is_symlink(self) -> bool: ...

    def is_dir(self) -> bool:
        """Whether it is a folder, links followed. Raises OSError where links lead in a circle."""

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """Whether it is a regular file. Raises OSError where links lead in a circle."""

    def stat(self) -> os.stat_result: ...


class Filesystem(Protocol):
    """Every method but `is_folder` and `holders` raises OSError as the disk does."""

    def real(self, path: str) -> str:
        """The path with its links resolved, as far as they can be."""

    def holders(self, root: str) -> tuple[str, ...]:
        """The folders within which links of a tree are followed."""

    def entries(self, path: str) -> AbstractContextManager[Iterable[Entry]]:
        """What a folder holds."""

    def is_folder(self, path: str) -> bool:
        """Whether a path is that of a folder, links followed; False where there is nothing."""

    def identity(self, path: str) -> Hashable:
        """What tells one folder from all others, by whatever path it is reached."""


class Disk:
    """The file system of this machine."""

    def real(self, path: str) -> str:
        try:
            return os.path.realpath(path)
        except RecursionError as error:  # a link to a link, a thousand times
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error

    def holders(self, root: str) -> tuple[str, ...]:
        return holders(root, os.path.realpath(root))

    def entries(self, path: str) -> AbstractContextManager[Iterable[Entry]]:
        return os.scandir(path)

    def is_folder(self, path: str) -> bool:
        return os.path.isdir(path)

    def identity(self, path: str) -> Hashable:
        status = os.stat(path)
        return status.st_dev, status.st_ino


def holders(root: str, real_root: str) -> tuple[str, ...]:
    """Links are followed within these: the folder that holds the root, as given and as it really is.

    The root of the file system is no holder: a tree mounted at /agents.d must not reach the whole machine.
    """
    parents = {os.path.realpath(os.path.dirname(os.path.abspath(root))), os.path.dirname(real_root)}
    return (real_root, *sorted(parents - {os.path.sep}))
