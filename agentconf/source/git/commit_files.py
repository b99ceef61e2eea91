"""A commit as a file system, so that one walk finds the same files in it as in a folder on disk.

Paths begin with `TOP`, the outermost folder of the repository. What leads out of it is an absolute path, and nothing
is there: what lies beside a clone on this machine is no part of a commit.
"""

from __future__ import annotations

import errno
import os
import posixpath
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
_SEEN_LIMIT: Final = 100
"""Of links that lead to links."""
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
        """As `os.path.realpath` has it: what is not there keeps its name, and so does a link in a circle."""
        if not path.startswith(TOP):
            return path
        return posixpath.normpath(self._followed(TOP, path.removeprefix(TOP), {})[0] or _OUTSIDE)

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
        """What is at a path, links followed as a kernel does. Raises OSError where there is nothing, or a circle."""
        way = _Way(TOP if path.startswith(TOP) else "", path.removeprefix(TOP).split("/")[::-1])
        while way.ahead:
            step = way.ahead.pop()
            if step in {"", "."}:
                continue
            self._require_folder(way.at)
            node = self.at(f"{way.at}/{step}")
            if step == "..":
                way.at = way.at.rpartition("/")[0]
            elif node is not None and node.mode == LINK:
                way.follow(self._target(node))
            else:
                way.at = f"{way.at}/{step}"
        found = self.at(way.at)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return found

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

    def _followed(self, at: str, rest: str, seen: dict[str, str | None]) -> tuple[str, bool]:
        """The path without links, and whether there was no circle. `seen` has where links lead, None underway."""
        while rest:
            step, _, rest = rest.partition("/")
            below = f"{at}/{step}"
            node = self.at(below)
            if step in {"", "."}:
                continue
            if step == "..":
                at = at.rpartition("/")[0]
            elif node is None or node.mode != LINK:
                at = below
            else:
                at, is_found = self._behind(below, node, seen)
                if not is_found:
                    return f"{at}/{rest}", False
        return at, True

    def _behind(self, link: str, node: Node, seen: dict[str, str | None]) -> tuple[str, bool]:
        """Where a link leads; in a circle, or too far, its own path."""
        if link in seen or len(seen) >= _SEEN_LIMIT:
            found = seen.get(link)
            return (link, False) if found is None else (found, True)
        seen[link] = None
        target = self._target(node)
        at, is_found = self._followed("" if target.startswith("/") else link.rpartition("/")[0], target, seen)
        seen[link] = at if is_found else None
        return at, is_found

    def _require_folder(self, path: str) -> None:
        node = self.at(path)
        if node is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if node.mode not in {FOLDER, SUBMODULE}:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


@dataclass(slots=True)
class _Way:
    """How far a path was followed. `ahead` is what remains of it, the next step last."""

    at: str
    ahead: list[str]
    links: int = 0

    def follow(self, target: str) -> None:
        self.links += 1
        if self.links > _LINKS_LIMIT:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if target.startswith("/"):
            self.at = ""
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
