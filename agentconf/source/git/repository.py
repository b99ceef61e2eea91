"""Which repository holds a config tree, where in it, and which commits are meant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from agentconf.errors import GitUnavailable
from agentconf.source.folder import shown_path
from agentconf.source.git.command import Git
from agentconf.source.git.refusals import SHALLOW, shown

DEFAULT_BRANCHES: Final = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
"""Where a change is taken to go, in this order."""

_REFS: Final = tuple(f"refs/remotes/{name}" if "/" in name else f"refs/heads/{name}" for name in DEFAULT_BRANCHES)


@dataclass(frozen=True, slots=True)
class Repository:
    """`top` is the work tree's folder; where there is none, as in a bare repository, git's own."""

    git: Git
    top: str
    has_work_tree: bool

    def commit_of(self, ref: str) -> str:
        """The id of the commit that a name means: a branch, tag, id, `HEAD~2`. Raises GitUnavailable."""
        if not ref or ref.startswith("-"):
            raise GitUnavailable(f"'{shown(ref)}' cannot be the name of a commit; name a branch, a tag or an id")
        said = self.git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        if said is None:
            raise GitUnavailable(self._no_commit(ref))
        return said.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """The commit where two lines of history part; both are ids. Raises GitUnavailable where there is none."""
        said = self.git.ask("merge-base", one, other)
        if said is None:
            reason = SHALLOW if self.is_shallow() else "name the commit to compare with, as in A..B"
            raise GitUnavailable(f"{one[:10]} and {other[:10]} have no commit in common; {reason}")
        return said.decode().split()[0]

    def default_base(self, head: str) -> str:
        """Where a commit's line of history parts from the default branch. Raises GitUnavailable."""
        said = self.git.run("for-each-ref", "--format=%(refname) %(objectname)", *_REFS)
        there = dict(line.rsplit(" ", 1) for line in said.decode("utf-8", "replace").splitlines())
        for ref in _REFS:
            if ref in there:
                return self.merge_base(self.commit_of(there[ref]), head)
        names = ", ".join(DEFAULT_BRANCHES)
        hint = f"; {SHALLOW}" if self.is_shallow() else ""
        raise GitUnavailable(f"there is nothing to compare with: none of {names} is here; name a commit{hint}")

    def is_shallow(self) -> bool:
        return self.git.run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def boundary(self) -> frozenset[str]:
        """The commits of a shallow clone whose parents are not here: they seem to have made all that they hold."""
        if not self.is_shallow():
            return frozenset()
        path = os.fsdecode(self.git.run("rev-parse", "--git-path", "shallow").removesuffix(b"\n"))
        try:
            with open(os.path.join(self.git.folder, path), encoding="ascii") as file:
                return frozenset(file.read().split())
        except (OSError, ValueError):
            return frozenset()

    def _no_commit(self, ref: str) -> str:
        if ref == "HEAD":
            return "this repository has no commit yet; commit the tree first"
        way_out = SHALLOW if self.is_shallow() else "see 'git branch --all' and 'git log' for what there is"
        return f"there is no commit '{shown(ref)}' here; {way_out}"


class Located(NamedTuple):
    """A config tree in a repository. `folder` is its path there, "" for all of it; findings name it `shown_as`."""

    repository: Repository
    folder: str
    shown_as: str


def locate(path: str | os.PathLike[str], environment: Mapping[str, str]) -> Located:
    """The repository that holds a path, be it in a work tree, a linked one, a submodule or a bare repository.

    The path need not be there: it may be in a commit alone. `environment` is the process's. Raises GitUnavailable.
    """
    given = os.path.abspath(path)
    git = Git(environment, _existing(given))
    is_inside, git_folder = git.run("rev-parse", "--is-inside-work-tree", "--absolute-git-dir").split(b"\n", 1)
    has_work_tree = is_inside == b"true"
    top = git.run("rev-parse", "--show-toplevel") if has_work_tree else git_folder
    repository = Repository(Git(environment, _path(top)), _path(top), has_work_tree)
    return Located(repository, _folder(given, repository.top), shown_path(os.fspath(path)))


def _existing(path: str) -> str:
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _path(line: bytes) -> str:
    return os.fsdecode(line.removesuffix(b"\n"))


def _folder(given: str, top: str) -> str:
    """The path in the repository, by the names that were given: a link may have led elsewhere in another commit."""
    real_top = os.path.realpath(top)
    above = given
    while True:
        if os.path.realpath(above) == real_top:
            return _relative(given, above)
        if above == os.path.dirname(above):
            return _relative(os.path.realpath(given), real_top)  # a link from outside leads into the repository
        above = os.path.dirname(above)


def _relative(path: str, above: str) -> str:
    relative = os.path.relpath(path, above)
    return "" if relative == os.curdir else relative
