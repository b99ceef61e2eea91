"""New files, folders and commits among git's objects. Nothing leads to them yet, so that making them changes nothing.

No hook runs, nothing is signed and nothing is converted: these are git's own plumbing commands, and they are handed
bytes. What was made and is never used, git removes some day by itself.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Final

from agentconf.source.git.command import Git
from agentconf.source.git.objects import Node
from agentconf.source.git.repository import Repository

PLAIN: Final = b"100644"
_LASTING: Final = {
    "core.fsync": "committed,reference",  # or else a loss of power may leave a branch with nothing behind it
    "i18n.commitEncoding": "UTF-8",
}
_SERVER: Final = ("agentconf", "agentconf@localhost")
"""Who makes the commits where the clone's own configuration does not say."""


@dataclass(frozen=True, slots=True)
class Person:
    """As git writes one: `Ada Lovelace <ada@example.com>`."""

    name: str
    email: str


def writing(git: Git) -> Git:
    """The same git, for what is to last through a loss of power."""
    return git.given({}, _LASTING)


def made_file(repository: Repository, data: bytes) -> str:
    """The id of a file with these bytes. Raises GitUnavailable."""
    return _id(writing(repository.git).feed(data, "hash-object", "-w", "--stdin"))


def made_root(repository: Repository, commit: str, path: str, node: Node | None) -> str:
    """The id of a commit's outermost folder with one file put in, exchanged or taken out. Raises GitUnavailable."""
    with TemporaryDirectory() as scratch:
        git = writing(repository.git).given({"GIT_INDEX_FILE": os.path.join(scratch, "index")})
        git.run("read-tree", commit)
        put_in_index(git, path, node)
        return _id(git.run("write-tree"))


def put_in_index(git: Git, path: str, node: Node | None) -> None:
    """Puts a file into the index that a git has been given, or takes it out. Raises GitUnavailable."""
    name = os.fsencode(path)
    if node is None:
        git.feed(b"%b\0" % name, "update-index", "--force-remove", "-z", "--stdin")
    else:
        git.feed(b"%b %b\t%b\0" % (node.mode, node.oid.encode(), name), "update-index", "-z", "--index-info")


def made_commit(repository: Repository, root: str, parent: str, author: Person, message: str) -> str:
    """The id of a commit by that author; the committer is the clone's own user. Raises GitUnavailable."""
    git = writing(repository.git).given(_identity("AUTHOR", author) | _identity("COMMITTER", _committer(repository)))
    return _id(git.feed(message.encode(), "commit-tree", root, "-p", parent, "-F", "-"))


def _committer(repository: Repository) -> Person:
    said = [repository.git.ask("config", "--get", f"user.{key}") for key in ("name", "email")]
    if not all(said):
        return Person(*_SERVER)
    return Person(*(value.decode("utf-8", "replace").strip() for value in said if value))


def _identity(role: str, person: Person) -> dict[str, str]:
    return {f"GIT_{role}_NAME": person.name, f"GIT_{role}_EMAIL": person.email}


def _id(said: bytes) -> str:
    return said.decode("ascii").strip()
