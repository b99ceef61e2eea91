"""What a repository holds by its ids: commits, folders and files. Each is read once, through one git."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Collection, Iterable, Mapping
from tempfile import TemporaryFile
from typing import Final, NamedTuple, Self, TypeAlias, TypeVar

from agentconf.errors import GitUnavailable
from agentconf.source.folder import FILE_LIMIT_BYTES, TOO_LARGE
from agentconf.source.git.command import Process
from agentconf.source.git.kept import Kept
from agentconf.source.git.refusals import PARTIAL
from agentconf.source.git.repository import Repository
from agentconf.source.tree import Unread

FOLDER: Final = b"40000"
LINK: Final = b"120000"
SUBMODULE: Final = b"160000"

_ENTRY: Final = {size: re.compile(rb"(\d+) ([^\0]+)\0(.{%d})" % size, re.DOTALL) for size in (20, 32)}  # SHA-1, SHA-256
_HEADER: Final = re.compile(rb"([0-9a-f]+) ([a-z]+) (\d{1,15})")
_STRUCTURE_LIMIT_BYTES: Final = 64 << 20
"""Of a folder or a commit: a million names."""
_PASSED_OVER_BYTES: Final = 16 << 20
"""A larger file is not waited for: git is ended in the middle of it."""
_KEPT_BYTES: Final = 256 << 20
_KEPT_NAMES: Final = 500_000
_FEW: Final = 200
"""So many ids fit into a pipe, so that git and we never wait for each other."""

_BATCH: Final = ("cat-file", "--batch")


V = TypeVar("V")


class Node(NamedTuple):
    """A name's meaning in a folder: the mode as git writes it, and the id."""

    mode: bytes
    oid: str


Names: TypeAlias = Mapping[str, Node]


class Objects:
    """To be used in a `with`. Afterwards it still reads, slowly: each time with a git of its own.

    Every method raises GitUnavailable. Not for several threads at once; a forked process gets a git of its own.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._files: Kept[bytes | Unread] = Kept(_KEPT_BYTES)
        self._folders: Kept[Names] = Kept(_KEPT_NAMES)
        self._roots: dict[str, str] = {}
        self._is_open = False
        self._running: Process | None = None
        self._owner = os.getpid()
        self._inherited: Process | None = None

    def __enter__(self) -> Self:
        self._is_open = True
        return self

    def __exit__(self, *_: object) -> None:
        self._is_open = False
        self._end()

    def load(self, oids: Iterable[str]) -> None:
        """Reads many at once, where they are not known yet."""
        wanted = [oid for oid in dict.fromkeys(oids) if not self._knows(oid)]
        while wanted:
            wanted = wanted[self._some(wanted) :]

    def file(self, oid: str) -> bytes | Unread:
        """The bytes of a file, the same object each time; TOO_LARGE where it has more than 1 MiB."""
        return self._found(self._files, "file", oid)

    def folder(self, oid: str) -> Names:
        """What a folder holds, by name."""
        return self._found(self._folders, "folder", oid)

    def root_of(self, commit: str) -> str:
        """The id of a commit's outermost folder."""
        if commit not in self._roots:
            self._some([commit])
        if commit not in self._roots:
            raise _no("commit", commit)
        return self._roots[commit]

    def knows_folder(self, oid: str) -> bool:
        return oid in self._folders

    def _found(self, among: Kept[V], kind: str, oid: str) -> V:
        known = among.get(oid)
        if known is None:
            self._some([oid])
            known = among.get(oid)
        if known is None:
            raise _no(kind, oid)
        return known

    def keep(self, oids: Collection[str]) -> None:
        """Forget all but these; what is asked for again is read again."""
        self._files.keep(oids)
        self._folders.keep(oids)
        self._roots.clear()

    def _knows(self, oid: str) -> bool:
        return oid in self._files or oid in self._folders or oid in self._roots

    def _some(self, oids: list[str]) -> int:
        """Reads the first of them. How many that were."""
        if len(oids) > _FEW or not self._is_open:
            with TemporaryFile() as asked:
                asked.write(_lines(oids))
                asked.seek(0)
                with self.repository.git.start(*_BATCH, "--buffer", stdin=asked) as process:
                    return self._take(process, oids)
        self._leave_what_was_inherited()
        if self._running is None:
            self._running = self.repository.git.start(*_BATCH, stdin=subprocess.PIPE)
        try:
            self._running.write(_lines(oids))
            return self._take(self._running, oids)
        except BaseException:
            self._end()  # what it still has to say would be taken for the next answer
            raise

    def _leave_what_was_inherited(self) -> None:
        """Two processes that ask one git would get each other's answers. It is the parent's, and not ended here."""
        if self._owner != os.getpid():
            self._owner, self._inherited, self._running = os.getpid(), self._running, None

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.close()

    def _take(self, process: Process, oids: list[str]) -> int:
        for count, oid in enumerate(oids, start=1):
            kind, size = self._header(process, oid)
            if kind == b"blob" and size > FILE_LIMIT_BYTES:
                self._files.put(oid, TOO_LARGE, 1)
                if size > _PASSED_OVER_BYTES:
                    self._end()
                    return count
            elif size > _STRUCTURE_LIMIT_BYTES:
                raise GitUnavailable(f"the object {oid[:10]} is larger than 64 MiB, which no config tree needs")
            data = process.output.exactly(size + 1)
            if data is None:
                raise process.failure()
            if size <= FILE_LIMIT_BYTES or kind != b"blob":
                self._put(oid, kind, data[:-1])
        return len(oids)

    def _header(self, process: Process, oid: str) -> tuple[bytes, int]:
        line = process.output.line()
        if line is None:
            raise process.failure()
        header = _HEADER.fullmatch(line)
        if header is None or header[1] != oid.encode():
            raise GitUnavailable(f"the object {oid[:10]} is missing: {PARTIAL}")
        return header[2], int(header[3])

    def _put(self, oid: str, kind: bytes, data: bytes) -> None:
        if kind == b"blob":
            self._files.put(oid, data, len(data) + 100)
        elif kind == b"tree":
            names = _names(data, len(oid) // 2)
            self._folders.put(oid, names, len(names) + 1)
        elif kind == b"commit":
            self._roots[oid] = data.partition(b"\n")[0].removeprefix(b"tree ").decode("ascii", "replace")


def _no(kind: str, oid: str) -> GitUnavailable:
    return GitUnavailable(f"the object {oid[:10]} is no {kind}; the repository is damaged, 'git fsck' says where")


def _lines(oids: list[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()


def _names(data: bytes, oid_size: int) -> Names:
    """The text of a folder: mode, blank, name, NUL and the id's bytes, for each name."""
    return {
        os.fsdecode(name): Node(mode, oid.hex())
        for mode, name, oid in _ENTRY[oid_size].findall(data)
        if b"/" not in name
    }
