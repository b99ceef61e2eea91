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
from agentconf.source.folder import read_folder
from agentconf.source.git.branches import Standing, standing
from agentconf.source.git.commit_files import TOP, CommitFiles
from agentconf.source.git.commit_tree import CommitTree, CommitTrees
from agentconf.source.git.objects import Node, Objects
from agentconf.source.git.repository import Located, locate
from agentconf.source.tree import Tree, Unread
from agentconf.suggest import did_you_mean

NOT_WRITABLE: Final = Kind("not-writable", 409, "The tree cannot be written as it stands")
AMBIGUOUS: Final = Kind("ambiguous-agent", 409, "Several files have this id")
_NAMED: Final = 3
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


@contextmanager
def ground(root: str, environment: Mapping[str, str]) -> Generator[Ground]:
    """Files are shown as the repository has them, wherever the server was started and the clone lies.

    Raises Problem where there is no clone, or no commit that holds the tree; and GitUnavailable.
    """
    try:
        found = locate(os.path.realpath(root), environment)
        located = found._replace(shown_as=found.folder)
        at = standing(located.repository)
        _require_work_tree(located)
        with Objects(located.repository) as objects:
            base = CommitTrees(objects, located).at(at.commit)
            yield Ground(located, at, base, CommitFiles(objects, objects.root_of(at.commit)))
    except NotInCommit as error:
        raise Problem(NOT_WRITABLE, f"{error}; commit the tree first") from None


def path_of(tree: Tree, agent: str) -> str:
    """The path of an agent's file, read or not. Raises Problem (404, 409)."""
    return only_path(tree.files, agent)


def only_path(paths: Mapping[str, object] | list[str], agent: str) -> str:
    """The one path of several that is the agent's. Raises Problem (404, 409)."""
    ids = {path: layout.stem(path.rpartition("/")[2]) or "" for path in paths if layout.is_agent(path)}
    known = [path for path, name in ids.items() if name == agent]
    if len(known) > 1:
        raise Problem(AMBIGUOUS, f"{' and '.join(known)} have the id '{agent}'; remove one by hand")
    if not known:
        raise Problem(UNKNOWN_AGENT, _instead(paths, agent) or _none(agent, ids.values()))
    return known[0]


def _none(agent: str, ids: Iterable[str]) -> str:
    hint = did_you_mean(agent, ids)
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


def tag_of(data: bytes) -> str:
    """The ETag of a file: of its bytes, and nothing else."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def require_settled(here: Ground, root: str) -> bytes | None:
    """That the folder says what the commit says, file by file. Raises Problem (409)."""
    at = here.standing
    if at.unfinished is not None:
        raise Problem(NOT_WRITABLE, f"{at.unfinished} is not finished in this clone; finish it, or take it back")
    if at.branch is None:
        said = "HEAD is detached: there is no branch to commit to; check one out, or start with --writes propose"
        raise Problem(NOT_WRITABLE, said)
    differing = list(_differing(here.tree, read_folder(root)))
    if differing:
        more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
        said = f"{', '.join(differing[:_NAMED])}{more}: changed in the folder and not committed, or converted by git"
        raise Problem(NOT_WRITABLE, f"{said}; commit it, or take it back")
    return None


def require_same_prompts(here: Ground, root: str, prompts: tuple[str, ...]) -> None:
    """The same of the prompts that agents name. Raises Problem (409)."""
    folder = read_folder(root)
    for path in prompts:
        one, other = here.tree.open_prompt(path), folder.open_prompt(path)
        if one != other and not (isinstance(one, Unread) and isinstance(other, Unread)):
            shown = here.tree.shown(path)
            raise Problem(NOT_WRITABLE, f"{shown}: changed in the folder and not committed; commit it, or take it back")


def _differing(committed: Tree, found: Tree) -> list[str]:
    paths = sorted(committed.files.keys() | found.files.keys())
    names = [committed.shown(path) for path in paths if committed.files.get(path) != found.files.get(path)]
    beside = committed.metadata_schema or found.metadata_schema
    if beside is not None and committed.metadata_schema != found.metadata_schema:
        names.append(beside.file)
    return names


def _require_work_tree(located: Located) -> None:
    if not located.repository.has_work_tree:
        raise GitUnavailable("a bare repository has no folder to serve; serve a clone of it")
