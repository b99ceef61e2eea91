"""Small files, and nothing else: what is a FIFO, a device, a folder or huge is told apart before a byte is read."""

from __future__ import annotations

import os
import stat
from typing import Final

from agentconf.errors import SecretUnavailable
from agentconf.source.system import reason_of

LIMIT_BYTES: Final = 64 << 10
_TRIES: Final = 3
"""A mount that is flipped takes the file away between two looks, and has it again at the next."""
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_small(path: str) -> bytes:
    """The bytes of a regular file of at most 64 KiB. Raises SecretUnavailable."""
    reason = ""
    for _ in range(_TRIES):
        try:
            return _read(path)
        except FileNotFoundError:
            reason = "there is no such file"
        except OSError as error:
            reason = reason_of(error)
            break
    raise SecretUnavailable(reason)


def is_below(path: str, folder: str) -> bool:
    """Whether a path lies in a folder or deeper, all links followed."""
    real, root = os.path.realpath(path), os.path.realpath(folder)
    return real == root or real.startswith(root.rstrip(os.sep) + os.sep)


def _read(path: str) -> bytes:
    _require_small(os.stat(path))  # to open a device may already do something
    descriptor = os.open(path, _FLAGS)
    try:
        _require_small(os.fstat(descriptor))
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(LIMIT_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(data) > LIMIT_BYTES:
        raise SecretUnavailable("it holds more than 64 KiB")
    return data


def _require_small(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SecretUnavailable("it is not a regular file")
    if status.st_size > LIMIT_BYTES:
        raise SecretUnavailable("it holds more than 64 KiB")
