"""A folder on disk to a `Tree`, whatever lies in it: links, devices, half-written and oversized files."""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.errors import SourceUnavailable
from agentconf.source.system import Stamp, is_out_of_order, printable_path, reason_of, stamp_of
from agentconf.source.tree import METADATA_SCHEMA, Beside, Origin, Tree, Unread, metadata_schema_of
from agentconf.source.walk import Walker

FILE_LIMIT_BYTES: Final = 1 << 20
PROMPT_LIMIT_BYTES: Final = 256 << 10

# O_NONBLOCK: opening a FIFO that nobody writes to must not wait. O_NOFOLLOW: links were resolved and judged before.
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


def read_folder(path: str | os.PathLike[str]) -> Tree:
    """Read every config file below a folder.

    Raises SourceUnavailable where there is no such folder, it cannot be listed, or the machine is out of descriptors
    or memory. A file that cannot be read is a fault of the tree, not an exception.
    """
    root = os.fspath(path)
    walker = Walker(root, shown_path(root))
    files: dict[str, bytes] = {}
    try:
        listing = walker.walk()
        faults = list(listing.faults())
        for shown, seen in listing.files():
            data = read_regular(seen.path, FILE_LIMIT_BYTES)
            if isinstance(data, bytes):
                files[shown] = data
            else:
                faults.append(fault_of(walker, shown, data))
    except OSError as error:
        raise SourceUnavailable(unavailable(root, error)) from error
    ordered, prompts = dict(sorted(files.items())), PromptReader(walker)
    beside = read_metadata_schema(walker)
    return Tree(Origin("folder", root), walker.shown_as, ordered, tuple(faults), prompts.read, beside)


def shown_path(root: str) -> str:
    """The folder as findings name it: relative where it lies below the current folder, else as it was given."""
    relative = os.path.relpath(root)
    return os.path.normpath(root) if relative.startswith("..") else relative


class PromptReader:
    """Reads the prompt files that agents name."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def find(self, path: str) -> tuple[str, Stamp] | Unread:
        """Where the file at a path really lies, and its stamp; `path` is normalised and lies below the root."""
        try:
            real = self._walker.filesystem.real(os.path.join(self._walker.root, path))
            if not self._walker.is_inside(real):
                return Unread("it is a link that leads out of the folder that holds the tree")
            status = os.stat(real)
        except OSError as error:
            return Unread(reason_of(error))
        return (real, stamp_of(status)) if stat.S_ISREG(status.st_mode) else NOT_REGULAR

    def read(self, path: str) -> bytes | Unread:
        found = self.find(path)
        return found if isinstance(found, Unread) else read_regular(found[0], PROMPT_LIMIT_BYTES)


def read_metadata_schema(walker: Walker) -> Beside | None:
    """The organisation's own schema beside the tree; None where there is none. Links lead no further than a tree's."""
    return metadata_schema_of(walker.shown_as, _metadata_schema(walker))


def _metadata_schema(walker: Walker) -> bytes | Unread | None:
    parent = os.path.dirname(os.path.abspath(walker.root))
    path = os.path.join(parent, *METADATA_SCHEMA.split("/"))
    try:
        real = os.path.realpath(path)
        status = os.stat(real)
        if real != os.path.join(os.path.realpath(parent), *METADATA_SCHEMA.split("/")) and not walker.is_inside(real):
            return Unread("it is a link that leads out of the folder that holds the tree")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return Unread(reason_of(error))
    return read_regular(real, FILE_LIMIT_BYTES) if stat.S_ISREG(status.st_mode) else NOT_REGULAR


def fault_of(walker: Walker, shown: str, why: Unread) -> Diagnostic:
    """The finding about a file that could not be read."""
    if why is NOT_REGULAR:
        return walker.not_regular(shown)
    if why is TOO_LARGE:
        message, hint = "this file is larger than 1 MiB, and is not read", "move long text into a prompt file"
        return walker.fault(codes.OVERSIZED_FILE, shown, message, hint)
    return walker.unreadable(shown, why.reason)


NOT_REGULAR: Final = Unread("it is not a regular file")
TOO_LARGE: Final = Unread("it is too large")


def read_regular(path: str, limit: int) -> bytes | Unread:
    """The bytes of a regular file of at most `limit` bytes.

    The caller has seen that it is one; should it have been replaced since, it is neither read nor waited for.
    Raises OSError where the machine is in trouble: out of descriptors or memory, a mount that is gone.
    """
    read = read_steady(path, limit)
    return read if isinstance(read, Unread) else read[0]


def read_steady(path: str, limit: int, stamp: Stamp | None = None) -> tuple[bytes, bool] | Unread:
    """The bytes, and whether the file had that stamp both before and after they were read; see `read_regular`."""
    try:
        descriptor = os.open(path, _READ)
    except OSError as error:
        return _unread(error)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return NOT_REGULAR
        if status.st_size > limit:
            return TOO_LARGE
        data = _read_whole(descriptor, status.st_size, limit)
        if isinstance(data, Unread):
            return data
        return data, stamp is not None and stamp == stamp_of(status) == stamp_of(os.fstat(descriptor))
    except OSError as error:
        return _unread(error)
    finally:
        os.close(descriptor)


def _unread(error: OSError) -> Unread:
    if is_out_of_order(error):
        raise error
    return NOT_REGULAR if error.errno in {errno.ENXIO, errno.ELOOP, errno.ENODEV} else Unread(reason_of(error))


def _read_whole(descriptor: int, size: int, limit: int) -> bytes | Unread:
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    chunks = [data]  # the file grew, or the kernel gave less than was asked
    while chunks[-1] and sum(map(len, chunks)) <= limit:
        chunks.append(os.read(descriptor, limit + 1))
    data = b"".join(chunks)
    return TOO_LARGE if len(data) > limit else data


def unavailable(root: str, error: OSError) -> str:
    """Why a folder cannot be read, as one sentence with the way out."""
    if isinstance(error, FileNotFoundError):
        return f"there is no folder '{printable_path(root)}'; name the config tree, or make one with 'agentconf init'"
    if isinstance(error, NotADirectoryError):
        return f"'{printable_path(root)}' is a file; name the folder that holds the agents"
    return f"cannot read '{printable_path(root)}': {reason_of(error)}"
