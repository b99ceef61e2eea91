"""From an edit that may stand to a commit: on the branch and in the folder, or as a proposal of its own."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from agentconf.diff.review import Review
from agentconf.errors import GitUnavailable
from agentconf.server.problem import Kind, Problem
from agentconf.server.writing.asked import Asked
from agentconf.server.writing.drafting import Draft
from agentconf.server.writing.ground import Ground
from agentconf.server.writing.message import message
from agentconf.server.writing.outcome import Made
from agentconf.source.git.branches import create, same_content, short_name
from agentconf.source.git.making import PLAIN, made_commit, made_file, made_root
from agentconf.source.git.objects import Node
from agentconf.source.git.push import push, remote_of
from agentconf.source.git.work_tree import Exchange, WorkTree

NOT_PUSHED: Final = Kind("not-pushed", 502, "The proposal could not be sent to the remote")
_NOT_IN_A_BRANCH: Final = re.compile("[^a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be published: a file's path below the root of the tree, its new bytes, and what that means.

    `node` is what the commit has at the path; None where it has nothing.
    """

    path: str
    node: Node | None
    draft: Draft
    asked: Asked
    review: Review


def commit(here: Ground, edit: Edit, clone: WorkTree) -> Made:
    """On the current branch, and in the folder. Raises GitBusy, GitUnavailable, EditRefused and OSError."""
    assert here.standing.branch is not None  # it was looked at before
    made, new = _made(here, edit, is_proposal=False)
    path = here.in_repository(edit.path)
    old = (here.tree.files[edit.path], edit.node) if edit.node is not None else None
    change = Exchange(here.standing.branch, here.standing.commit, made, path, old, new)
    clone.exchange(change)
    return Made(made, short_name(here.standing.branch))


def propose(here: Ground, edit: Edit) -> Made:
    """On a branch of its own, sent to the remote where there is one; the folder stays as it is.

    The same proposal has the same branch: who did not hear the answer may send it again. Raises Problem (502) and
    GitUnavailable.
    """
    repository = here.located.repository
    made, _ = _made(here, edit, is_proposal=True)
    name = _branch_name(here, edit)
    known = create(repository, name, made)
    if known is not None and not same_content(repository, known, made):
        name = f"{name}-{made[:8]}"
        known = create(repository, name, made)
    remote = remote_of(repository, short_name(here.standing.branch) if here.standing.branch else None)
    if remote is None:
        return Made(known or made, name)
    try:
        link = push(repository, remote, name)
    except GitUnavailable as error:
        said = f"the branch '{name}' is made and could not be pushed to '{remote}': {error}; send the same again"
        raise Problem(NOT_PUSHED, said) from None
    return Made(known or made, name, is_pushed=True, link=link)


def _made(here: Ground, edit: Edit, *, is_proposal: bool) -> tuple[str, tuple[bytes, Node] | None]:
    """The commit, which nothing leads to yet, and the file in it."""
    repository, parent, data = here.located.repository, here.standing.commit, edit.draft.data
    mode = edit.node.mode if edit.node is not None else PLAIN
    new = (data, Node(mode, made_file(repository, data))) if data is not None else None
    root = made_root(repository, parent, here.in_repository(edit.path), new[1] if new else None)
    said = message(edit.asked, edit.draft.changes, edit.review, is_proposal=is_proposal)
    return made_commit(repository, root, parent, edit.asked.author, said), new


def _branch_name(here: Ground, edit: Edit) -> str:
    what = f"{here.standing.commit}\n{edit.path}\n".encode() + (edit.draft.data or b"")
    slug = _NOT_IN_A_BRANCH.sub("-", edit.asked.agent).strip("-")
    return f"agentconf/{slug}-{hashlib.sha256(what).hexdigest()[:12]}"
