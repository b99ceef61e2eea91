"""A commit as a file system, so that one walk finds the same files in it as in a folder on disk.

Paths begin with `TOP`, the outermost folder of the repository. What leads out of it is an absolute path, and nothing
is there: what lies beside a clone on this machine is no part of a commit.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Hashable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final

from agentconf.errors import GitUnavailable
from agentconf.source.filesystem import Entry
from agentconf.source.git.objects import FOLDER, LINK, SUBMODULE, Names, Node, Objects

TOP: Final = "commit:"
_OUTSIDE: Final = "/"
_LINKS_LIMIT: Final = 40
"""As Linux has it."""
_NAMES_LIMIT: Final = 2_000_000
"""A few folders that hold each other many times over are a few bytes, and billions of files."""


class Interrupted(Exception):
    """Git failed in the middle of a walk, for which an OSError would be a finding about one file."""

    def __init__(self, cause: GitUnavailable) -> None:
        self.cause = cause
        super().__init__(cause)


class CommitFiles:
    """The files below a commit's outermost folder. Raises OSError as a disk does, and Interrupted."""

    def __init__(self, objects: Objects, root: str) -> None:
        self._objects = objects
        self._folders: dict[str, Names | None] = {}
        self._top = Node(FOLDER, root)
        self._count = 0

    def real(self, path: str) -> str:
        return self._resolved(path)[0]

    def holders(self, root: str) -> tuple[str, ...]:
        """The folder that holds the root, as given and as it really is; of the outermost folder that is itself."""
        real_root = self.real(root)
        parents = {self.real(each.rpartition("/")[0]) for each in (root, real_root) if each != TOP}
        return (real_root, *sorted(parents))

    def entries(self, path: str) -> AbstractContextManager[Iterable[Entry]]:
        names = self._names(path)
        if names is None:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        self._count += len(names)
        if self._count > _NAMES_LIMIT:
            raise Interrupted(GitUnavailable("the commit holds more than two million files"))
        return nullcontext([_Entry(name, f"{path}/{name}", node, self) for name, node in names.items()])

    def is_folder(self, path: str) -> bool:
        try:
            return self.node(path).mode in {FOLDER, SUBMODULE}
        except OSError:
            return False

    def identity(self, path: str) -> Hashable:
        self.node(path)
        return self.real(path)

    def node(self, path: str) -> Node:
        """What is at a path, links followed. Raises OSError where there is nothing, or links lead in a circle."""
        real, code = self._resolved(path)
        node = None if code else self.at(real)
        if node is None:
            raise OSError(code or errno.ENOENT, os.strerror(code or errno.ENOENT))
        return node

    def at(self, path: str) -> Node | None:
        """The same of a path that is known to be without links, ten times as quick; None where there is nothing."""
        if path == TOP:
            return self._top
        parent, _, name = path.rpartition("/")
        names = self._names(parent) if parent.startswith(TOP) else None
        return names.get(name) if names else None

    def _names(self, path: str) -> Names | None:
        """What the folder at a path without links holds; None where there is no folder."""
        if path not in self._folders:
            self._folders[path] = self._loaded(self.at(path))
        return self._folders[path]

    def _loaded(self, node: Node | None) -> Names | None:
        if node is None or node.mode not in {FOLDER, SUBMODULE}:
            return None
        if node.mode == SUBMODULE:  # as after a clone without --recurse-submodules
            return {}
        try:
            return self._objects.folder(node.oid)
        except GitUnavailable as error:
            raise Interrupted(error) from error

    def _target(self, node: Node) -> str:
        try:
            data = self._objects.file(node.oid)
        except GitUnavailable as error:
            raise Interrupted(error) from error
        return os.fsdecode(data.partition(b"\0")[0]) if isinstance(data, bytes) else _OUTSIDE

    def _resolved(self, path: str) -> tuple[str, int]:
        """The path without links, as `os.path.realpath` has it, and why nothing can be there, or 0."""
        way = _Way(TOP, path.removeprefix(TOP).split("/")[::-1]) if path.startswith(TOP) else _Way(path, [])
        while way.ahead and way.at.startswith(TOP):
            step = way.ahead.pop()
            if step in {"", "."}:
                continue
            way.code = way.code or self._why_not_into(way.at)
            node = self.at(f"{way.at}/{step}")
            if step == "..":
                way.at = way.at.rpartition("/")[0]
            elif node is not None and node.mode == LINK:
                way.follow(step, self._target(node))
            else:
                way.at = f"{way.at}/{step}"
        return (way.at, way.code) if way.at.startswith(TOP) else (way.at or _OUTSIDE, errno.ENOENT)

    def _why_not_into(self, at: str) -> int:
        node = self.at(at)
        if node is None:
            return errno.ENOENT
        return 0 if node.mode in {FOLDER, SUBMODULE} else errno.ENOTDIR


@dataclass(slots=True)
class _Way:
    """How far a path was followed. `ahead` is what remains of it, the next step last."""

    at: str
    ahead: list[str]
    code: int = 0
    links: int = 0

    def follow(self, step: str, target: str) -> None:
        self.links += 1
        if self.links > _LINKS_LIMIT:
            self.at = "/".join((self.at, step, *reversed(self.ahead)))
            self.ahead, self.code = [], errno.ELOOP
        elif target.startswith("/"):
            self.at = target
        else:
            self.ahead += target.split("/")[::-1]


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    path: str
    node: Node
    files: CommitFiles

    def is_symlink(self) -> bool:
        return self.node.mode == LINK

    def is_dir(self) -> bool:
        if self.node.mode != LINK:
            return self.node.mode in {FOLDER, SUBMODULE}
        return self.files.is_folder(self.path)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        if self.node.mode != LINK:
            return self.node.mode not in {FOLDER, SUBMODULE}
        return follow_symlinks and is_regular(self.files.node(self.path))

    def stat(self) -> os.stat_result:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))


def is_regular(node: Node) -> bool:
    return node.mode not in {FOLDER, SUBMODULE, LINK}
