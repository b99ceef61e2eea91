"""The trees of a history, newest first: each commit that touched the config tree, and the tree as it was then."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.errors import NotInCommit
from agentconf.source.git.commit_tree import CommitTree, CommitTrees
from agentconf.source.git.history import Commit, history
from agentconf.source.git.objects import Objects
from agentconf.source.git.repository import Located
from agentconf.source.tree import Origin, Tree


class Trail:
    """What is walked backwards. Its length is the number of commits as far as that is known. Raises GitUnavailable.

    What links lead to, out of the folder, is a part of the tree: where a commit has such a link, the commits before it
    that touched its target are looked at, too.
    """

    def __init__(self, objects: Objects, located: Located, head: str) -> None:
        self._located = located
        self._trees = CommitTrees(objects, located)
        self._nothing = Tree(Origin("git", located.folder or "."), located.shown_as, {})
        newest = self._at(head)
        self.newest = newest.tree if newest is not None else self._nothing
        self._beside = set(newest.reaches if newest is not None else ())
        self._commits = list(history(located, head, self._beside))

    def __len__(self) -> int:
        return len(self._commits)

    def __iter__(self) -> Iterator[tuple[Commit, Tree]]:
        """Before the first commit there was nothing, unless a shallow clone ends there."""
        index = 0
        while index < len(self._commits):
            commit = self._commits[index]
            found = self._at(commit.id)
            if found is not None and not self._beside.issuperset(found.reaches):
                self._beside |= set(found.reaches)
                newer = max(index - 1, 0)
                self._commits[newer:] = history(self._located, self._commits[newer].id, self._beside)
                continue  # another one may lie between
            yield commit, found.tree if found is not None else self._nothing
            index += 1
        if self._commits and not self._commits[-1].is_boundary:
            yield self._commits[-1], self._nothing

    def _at(self, commit: str) -> CommitTree | None:
        try:
            return self._trees.at(commit)
        except NotInCommit:
            return None
