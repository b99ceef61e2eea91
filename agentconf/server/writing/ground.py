"""What a write stands on: the clone, where it stands, and the tree as the newest commit has it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from agentconf.errors import GitUnavailable, NotInCommit
from agentconf.server.problem import UNKNOWN_AGENT, Kind, Problem
from agentconf.source import layout
from agentconf.source.git.branches import Standing, standing
from agentconf.source.git.commit_files import TOP, CommitFiles
from agentconf.source.git.commit_tree import CommitTree, CommitTrees
from agentconf.source.git.objects import Node, Objects
from agentconf.source.git.repository import Located, locate
from agentconf.source.tree import Tree
from agentconf.suggest import did_you_mean

NOT_WRITABLE: Final = Kind("not-writable", 409, "The tree cannot be written as it stands")
AMBIGUOUS: Final = Kind("ambiguous-agent", 409, "Several files have this id")
_LAYERS: Final = (layout.Kind.PROFILE, layout.Kind.ENVIRONMENT)


@dataclass(frozen=True, slots=True)
class Ground:
    """`base` is the tree at the commit that HEAD leads to."""

    located: Located
    standing: Standing
    base: CommitTree
    files: CommitFiles

    @property
    def tree(self) -> Tree:
        return self.base.tree

    def in_repository(self, path: str) -> str:
        """A path below the tree's root as the repository has it."""
        return f"{self.located.folder}/{path}" if self.located.folder else path

    def node(self, path: str) -> Node | None:
        """What the commit has at a path below the tree's root, which leads through no link."""
        return self.files.at(f"{TOP}/{self.in_repository(path)}")


class Grounds:
    """One ground after another: what a commit shares with the one before it is not read again.

    For one thread at a time.
    """

    def __init__(self, root: str, environment: Mapping[str, str]) -> None:
        self._root = root
        self._environment = environment
        self._kept: tuple[Located, Objects, CommitTrees] | None = None

    def locate(self) -> Located:
        """Files are shown as the repository has them, wherever the server was started and the clone lies.

        Raises GitUnavailable.
        """
        found = locate(os.path.realpath(self._root), self._environment)
        return found._replace(shown_as=found.folder)

    @contextmanager
    def newest(self, located: Located) -> Generator[Ground]:
        """The commit that HEAD leads to.

        Raises Problem where there is no clone, or no commit that holds the tree; and GitUnavailable.
        """
        try:
            at = standing(located.repository)
            _require_work_tree(located)
            objects, trees = self._readers(located)
            with objects:
                base = trees.at(at.commit)
                trees.keep(base)
                yield Ground(located, at, base, CommitFiles(objects, objects.root_of(at.commit)))
        except NotInCommit as error:
            raise Problem(NOT_WRITABLE, f"{error}; commit the tree first") from None

    def _readers(self, located: Located) -> tuple[Objects, CommitTrees]:
        if self._kept is None or self._kept[0] != located:
            objects = Objects(located.repository)
            self._kept = (located, objects, CommitTrees(objects, located))
        return self._kept[1:]


def path_of(tree: Tree, agent: str) -> str:
    """The path of an agent's file, read or not. Raises Problem (404, 409)."""
    return only_path(tree.files, agent)


def only_path(paths: Mapping[str, object] | list[str], agent: str) -> str:
    """The one path of several that is the agent's. Raises Problem (404, 409)."""
    known = [path for path in paths if agent in path and id_in(path) == agent and layout.is_agent(path)]
    if len(known) > 1:
        raise Problem(AMBIGUOUS, f"{' and '.join(known)} have the id '{agent}'; remove one by hand")
    if not known:
        raise Problem(UNKNOWN_AGENT, _instead(paths, agent) or _none(agent, paths))
    return known[0]


def _none(agent: str, paths: Iterable[str]) -> str:
    hint = did_you_mean(agent, [id_in(path) for path in paths if layout.is_agent(path)])
    return f"there is no agent '{agent}'" + (f"; {hint}" if hint else "")


def _instead(paths: Iterable[str], name: str) -> str | None:
    """What has a name that is no agent's, if anything has."""
    for path in paths:
        found = layout.place(path)
        if isinstance(found, layout.Place) and found.name == name and found.kind in _LAYERS:
            return f"'{name}' is no agent, but the {found.kind.value} {path}; {layout.BY_REVIEW}"
        if name in path.split("/")[:-1] and layout.shared(name) is None:
            return f"'{name}' is no agent, but a folder; GET /api/agents lists the agents"
    return layout.shared(name)


def id_in(path: str) -> str:
    """The id that a path gives to an agent, "" for none."""
    return layout.stem(path.rpartition("/")[2]) or ""


def tag_of(data: bytes) -> str:
    """The ETag of a file: of its bytes, and nothing else."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def _require_work_tree(located: Located) -> None:
    if not located.repository.has_work_tree:
        raise GitUnavailable("a bare repository has no folder to serve; serve a clone of it")
