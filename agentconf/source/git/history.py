"""The commits that touched a config tree, newest first, as they are found."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Final

from agentconf.redact import printable
from agentconf.source.git.moments import moment
from agentconf.source.git.repository import Located
from agentconf.source.tree import METADATA_SCHEMA

_FORMAT: Final = "tformat:%H%x00%P%x00%an%x00%ad%x00%s"
_FIELDS: Final = _FORMAT.count("%x00") + 1


@dataclass(frozen=True, slots=True)
class Commit:
    """`date` is the author's, in ISO 8601 with its zone, "" where the commit has none. The texts may be printed.

    `parent` is the first; None at the beginning. With `is_boundary` a shallow clone ends: what the commit holds may be
    older than it.
    """

    id: str
    parent: str | None
    author: str
    date: str
    subject: str
    is_boundary: bool = False


def history(located: Located, head: str, beside: Iterable[str] = ()) -> Generator[Commit]:
    """Each commit on a commit's first-parent line whose files differ in the folder from its first parent's.

    A merge counts as one change: what it brought to the line. Of one commit and the next, nothing lies between that
    touched the folder, so the older one's tree is also that of the newer one's parent. `beside` are more paths in the
    repository that count, such as `CommitTree.reaches`. Raises GitUnavailable.
    """
    boundary = located.repository.boundary()
    command = ["log", "--first-parent", "-z", "--date=raw", "--no-ext-diff", "--no-textconv", f"--format={_FORMAT}"]
    where = ["--", located.folder, *_schema(located.folder), *beside] if located.folder else []
    fields = located.repository.git.fields(*command, "--end-of-options", head, *where)
    with closing(fields):
        while len(said := [field.decode("utf-8", "replace") for field in islice(fields, _FIELDS)]) == _FIELDS:
            commit, parents, author, date, subject = said
            parent = parents.split(" ")[0] or None
            made = moment(*date.split(" ")) if date.count(" ") == 1 else ""
            yield Commit(commit, parent, printable(author), made, printable(subject), commit in boundary)


def _schema(folder: str) -> list[str]:
    """The organisation's schema, in the folder that holds this one."""
    above = folder.rpartition("/")[0]
    return [f"{above}/{METADATA_SCHEMA}" if above else METADATA_SCHEMA]
