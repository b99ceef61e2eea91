"""A folder on disk to a `Tree`, whatever lies in it: links, devices, half-written and oversized files."""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic, Rule
from agentconf.errors import SourceUnavailable
from agentconf.source import layout
from agentconf.source.tree import Origin, Tree, Unread

FILE_LIMIT_BYTES: Final = 1 << 20
PROMPT_LIMIT_BYTES: Final = 256 << 10
_FOLDER_DEPTH: Final = 32

# O_NONBLOCK: opening a FIFO that nobody writes to must not wait. O_NOFOLLOW: links were resolved and judged before.
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


def read_folder(path: str | os.PathLike[str]) -> Tree:
    """Read every config file below a folder.

    Raises SourceUnavailable where there is no such folder, or it cannot be listed. A file that cannot be read is a
    fault of the tree, not an exception.
    """
    root = os.fspath(path)
    return _FolderReader(root).read()


def shown_path(root: str) -> str:
    """The folder as findings name it: relative where it lies below the current folder, else as it was given."""
    relative = os.path.relpath(root)
    return os.path.normpath(root) if relative.startswith("..") else relative


class _FolderReader:
    def __init__(self, root: str) -> None:
        self.root = root
        self.shown_as = shown_path(root)
        self.real_root = os.path.realpath(root)
        self.holders = _holders(root, self.real_root)
        self.files: dict[str, bytes] = {}
        self.faults: list[Diagnostic] = []
        self.links: list[tuple[str, str, str]] = []
        self.holds_something: dict[tuple[int, int], bool] = {}

    def read(self) -> Tree:
        try:
            self._folder("", self.root)
        except OSError as error:
            raise SourceUnavailable(_unavailable(self.root, error)) from error
        while self.links:  # after all real folders, so that a folder is read by its own name wherever it has one
            ahead, self.links = sorted(self.links), []
            for below, name, path in ahead:
                self._subfolder(below, name, path)
        files = dict(sorted(self.files.items()))
        return Tree(Origin("folder", self.root), self.shown_as, files, tuple(self.faults), self.open_prompt)

    def open_prompt(self, path: str) -> bytes | Unread:
        """The bytes of a prompt file; `path` is normalised and lies below the root."""
        try:
            real = os.path.realpath(os.path.join(self.root, path))
            if not self._is_inside(real):
                return Unread("it is a link that leads out of the folder that holds the tree")
            is_regular = stat.S_ISREG(os.stat(real).st_mode)
        except OSError as error:
            return Unread(_reason(error))
        return read_regular(real, PROMPT_LIMIT_BYTES) if is_regular else NOT_REGULAR

    def _folder(self, below: str, path: str) -> None:
        """Read a folder, once however many links lead to it: a second time would give every agent in it twice."""
        status = os.stat(path)
        identity = (status.st_dev, status.st_ino)
        if identity in self.holds_something:
            if self.holds_something[identity]:  # a folder of prompts alone may be linked from several places
                message = "this folder is read already, by another name; a link leads to it, or back in a circle"
                self._fault(codes.NOT_A_FILE, below.rstrip("/"), message, "remove the link")
            return
        if below.count("/") > _FOLDER_DEPTH:
            message = f"folders are nested deeper than {_FOLDER_DEPTH} levels"
            self._fault(codes.NOT_A_FILE, below.rstrip("/"), message, "move the agents up")
            return
        self.holds_something[identity] = True
        before = len(self.files) + len(self.faults)
        with os.scandir(path) as entries:
            listed = [entry for entry in entries if not layout.is_passed_over(entry.name)]
        for entry in listed:
            self._entry(below, entry)
        self.holds_something[identity] = len(self.files) + len(self.faults) > before

    def _entry(self, below: str, entry: os.DirEntry[str]) -> None:
        shown, path = below + entry.name, entry.path
        is_link = entry.is_symlink()
        if is_link and entry.name.isprintable():
            try:
                path = os.path.realpath(path)
            except OSError as error:  # the link was replaced meanwhile
                if layout.is_config_name(entry.name):
                    self._unread(shown, Unread(_reason(error)))
                return
            if not self._follows(shown, entry.name, path):
                return
        is_folder, is_file = _kind(entry)
        if not entry.name.isprintable():
            self._unprintable(shown, entry.name, is_folder)
        elif is_folder and is_link:
            self.links.append((below, entry.name, path))
        elif is_folder:
            self._subfolder(below, entry.name, path)
        else:
            self._file(shown, path, is_file)

    def _unprintable(self, shown: str, name: str, is_folder: bool) -> None:
        if is_folder or layout.is_config_name(name):
            what = "folder" if is_folder else "file"
            self._fault(codes.INVALID_ID, _printable(shown), f"this {what}'s name is not readable text", "rename it")

    def _follows(self, shown: str, name: str, target: str) -> bool:
        if self._is_inside(target):
            return True
        if layout.is_config_name(name) or os.path.isdir(target):
            message = "this link leads out of the folder that holds the tree, and is not followed"
            self._fault(codes.LINK_OUTSIDE, shown, message, "put the file itself here")
        return False

    def _is_inside(self, target: str) -> bool:
        return any(target == holder or target.startswith(holder + os.sep) for holder in self.holders)

    def _subfolder(self, below: str, name: str, path: str) -> None:
        shown = below + name
        misplaced = layout.misplaced_folder(below.rstrip("/"), name)
        if misplaced:
            self._fault(codes.UNKNOWN_RESERVED_NAME, shown, misplaced.message, misplaced.hint)
        elif layout.stem(name) is not None:
            self._fault(codes.NOT_A_FILE, shown, "this is a folder with the name of a config file", "rename it")
        else:
            try:
                self._folder(shown + "/", path)
            except OSError as error:
                reason = f"cannot list this folder: {_reason(error)}"
                self._fault(codes.UNREADABLE_FILE, shown, reason, "give the reader permission to it")

    def _file(self, shown: str, path: str, is_regular: bool) -> None:
        place = layout.place(shown)
        if isinstance(place, layout.Misplaced):
            self._fault(codes.UNKNOWN_RESERVED_NAME, shown, place.message, place.hint)
        elif place is not None:
            data = read_regular(path, FILE_LIMIT_BYTES) if is_regular else NOT_REGULAR
            if isinstance(data, bytes):
                self.files[shown] = data
            else:
                self._unread(shown, data)

    def _unread(self, shown: str, why: Unread) -> None:
        if why is NOT_REGULAR:
            self._fault(codes.NOT_A_FILE, shown, "this is not a regular file, and is not opened", "remove or rename it")
        elif why is TOO_LARGE:
            hint = "move long text into a prompt file"
            self._fault(codes.OVERSIZED_FILE, shown, "this file is larger than 1 MiB, and is not read", hint)
        else:
            self._fault(codes.UNREADABLE_FILE, shown, f"cannot read this file: {why.reason}", None)

    def _fault(self, rule: Rule, path: str, message: str, hint: str | None) -> None:
        file = f"{self.shown_as}/{path}" if self.shown_as != "." else path
        self.faults.append(Diagnostic(rule, message, file, hint=hint))


NOT_REGULAR: Final = Unread("it is not a regular file")
TOO_LARGE: Final = Unread("it is too large")


def read_regular(path: str, limit: int) -> bytes | Unread:
    """The bytes of a regular file of at most `limit` bytes.

    The caller has seen that it is one; should it have been replaced since, it is neither read nor waited for.
    """
    try:
        descriptor = os.open(path, _READ)
    except OSError as error:
        return NOT_REGULAR if error.errno in {errno.ENXIO, errno.ELOOP, errno.ENODEV} else Unread(_reason(error))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return NOT_REGULAR
        return TOO_LARGE if status.st_size > limit else _read_whole(descriptor, status.st_size, limit)
    except OSError as error:
        return Unread(_reason(error))
    finally:
        os.close(descriptor)


def _read_whole(descriptor: int, size: int, limit: int) -> bytes | Unread:
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    chunks = [data]  # the file grew, or the kernel gave less than was asked
    while chunks[-1] and sum(map(len, chunks)) <= limit:
        chunks.append(os.read(descriptor, limit + 1))
    data = b"".join(chunks)
    return TOO_LARGE if len(data) > limit else data


def _kind(entry: os.DirEntry[str]) -> tuple[bool, bool]:
    """Whether it is a folder, and whether it is a regular file; links are followed."""
    try:
        return entry.is_dir(), entry.is_file()
    except OSError:  # links in a circle
        return False, False


def _holders(root: str, real_root: str) -> tuple[str, ...]:
    """Links are followed within these: the folder that holds the root, as given and as it really is.

    The root of the file system is no holder: a tree mounted at /agents.d must not reach the whole machine.
    """
    parents = {os.path.realpath(os.path.dirname(os.path.abspath(root))), os.path.dirname(real_root)}
    return (real_root, *sorted(parents - {os.path.sep}))


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name)


def _reason(error: OSError) -> str:
    return (error.strerror or "it failed").lower()


def _unavailable(root: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no folder '{_printable(root)}'; name the config tree, or make one with 'agentconf init'"
    if isinstance(error, NotADirectoryError):
        return f"'{_printable(root)}' is a file; name the folder that holds the agents"
    return f"cannot read '{_printable(root)}': {_reason(error)}"
