"""Whether git is at work in the tree: a checkout writes many files, and none of them alone is what it means."""

from __future__ import annotations

import os
import time
from typing import Final

_STALE_S: Final = 10.0
"""A lock this old was left by a git that crashed; so says git itself when it meets one."""


def lock_path(folder: str) -> str | None:
    """Where git's lock on the index of the work tree lies that holds a folder; None outside of any."""
    at = os.path.realpath(folder)
    while True:
        marker = os.path.join(at, ".git")
        if os.path.isdir(marker):
            return os.path.join(marker, "index.lock")
        if os.path.isfile(marker):
            return _in_worktree(at, marker)
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above


def _in_worktree(at: str, marker: str) -> str | None:
    """A linked work tree and a submodule have a file that says where their git folder is."""
    try:
        with open(marker, encoding="utf-8", errors="surrogateescape") as file:
            said = file.read(4096)
    except OSError:
        return None
    if not said.startswith("gitdir:"):
        return None
    return os.path.join(at, said.removeprefix("gitdir:").strip(), "index.lock")


def is_locked(path: str | None) -> bool:
    """Whether git holds the lock now, and has not forgotten it."""
    if path is None:
        return False
    try:
        return abs(time.time() - os.stat(path).st_mtime) < _STALE_S
    except (OSError, ValueError):
        return False


def index_stamp(path: str | None) -> tuple[int, int] | None:
    """The inode and the time of the index that a lock is for: git never writes it in place."""
    if path is None:
        return None
    try:
        status = os.stat(path.removesuffix(".lock"))
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_mtime_ns
