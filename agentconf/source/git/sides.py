"""What is compared with what, as it is written on a command line: `BASE`, `A..B`, `A...B`, or nothing."""

from __future__ import annotations

from typing import NamedTuple

from agentconf.errors import GitUnavailable
from agentconf.source.git.repository import Repository


class Sides(NamedTuple):
    """`base` and `head` are ids of commits; a head of None is the working tree."""

    base: str
    head: str | None


def sides_of(repository: Repository, text: str | None) -> Sides:
    """`A...B` begins where the two part, as in git; an omitted name is HEAD. A base alone is compared with the files.

    Without a text the base is where HEAD parts from the default branch. Raises GitUnavailable.
    """
    if text is None:
        head = repository.commit_of("HEAD")
        return Sides(repository.default_base(head), None if repository.has_work_tree else head)
    mark = "..." if "..." in text else ".."
    if mark not in text:
        if not repository.has_work_tree:
            raise GitUnavailable("a bare repository has no files to compare with; name both sides, as in A..B")
        return Sides(repository.commit_of(text), None)
    one, other = (repository.commit_of(name or "HEAD") for name in text.split(mark, 1))
    return Sides(repository.merge_base(one, other) if mark == "..." else one, other)
