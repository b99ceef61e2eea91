"""Where a clone stands, and how a branch is moved: only from where it was seen to be."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from agentconf.errors import GitBusy, GitUnavailable
from agentconf.source.git.making import writing
from agentconf.source.git.refusals import shown
from agentconf.source.git.repository import Repository

_BRANCHES: Final = "refs/heads/"
_UNFINISHED: Final = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`branch` is where HEAD leads, None where it is detached; `unfinished` what was begun there: a merge, a rebase."""

    folder: str
    commit: str
    branch: str | None
    unfinished: str | None


def folder_of(repository: Repository) -> str:
    """Git's own folder for a work tree. Raises GitUnavailable."""
    return os.fsdecode(repository.git.run("rev-parse", "--absolute-git-dir").removesuffix(b"\n"))


def standing(repository: Repository) -> Standing:
    """Where a work tree stands; `folder` is git's own. Raises GitUnavailable where there is no commit yet."""
    folder = folder_of(repository)
    branch = repository.git.ask("symbolic-ref", "--quiet", "HEAD")
    begun = next((what for name, what in _UNFINISHED.items() if os.path.lexists(os.path.join(folder, name))), None)
    return Standing(folder, repository.commit_of("HEAD"), branch.decode().strip() if branch else None, begun)


def short_name(ref: str) -> str:
    """`main` of `refs/heads/main`."""
    return ref.removeprefix(_BRANCHES)


def move(repository: Repository, ref: str, commit: str, before: str) -> None:
    """Leads a branch to a commit. Raises GitBusy where it does not lead to the one `before`, and GitUnavailable."""
    try:
        writing(repository.git).run("update-ref", "-m", "agentconf: a change by the API", ref, commit, before)
    except GitUnavailable as error:
        if commit_at(repository, ref) != before or "lock" in str(error):
            raise GitBusy(f"the branch {shown(short_name(ref))} has moved meanwhile") from error
        raise


def create(repository: Repository, name: str, commit: str) -> str | None:
    """Makes a branch, unless there is one of that name: then the commit that it leads to. Raises GitUnavailable."""
    ref = _BRANCHES + name
    try:
        writing(repository.git).run("update-ref", "-m", "agentconf: proposed by the API", ref, commit, "")
    except GitUnavailable:
        found = commit_at(repository, ref)
        if found is None:
            raise
        return found
    return None


def commit_at(repository: Repository, ref: str) -> str | None:
    """The commit that a branch leads to; None where there is none. Raises GitUnavailable."""
    said = repository.git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    return said.decode().strip() if said else None


def same_content(repository: Repository, one: str, other: str) -> bool:
    """Whether two commits hold the same files. Raises GitUnavailable."""
    roots = repository.git.run("rev-parse", f"{one}^{{tree}}", f"{other}^{{tree}}").split()
    return len(set(roots)) == 1
