"""Which commit changed each file last: one walk back through history, no further than it must."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from agentconf.redact import printable
from agentconf.source.git.moments import moment
from agentconf.source.git.repository import Located

_COMMAND: Final = (
    "log", "--first-parent", "--diff-merges=first-parent", "-z", "--name-only", "--no-renames", "--date=raw",
    "--no-ext-diff", "--no-textconv", "--format=tformat:%x01%H%x00%an%x00%ad",
)  # fmt: skip
_HEAD: Final = re.compile(rb"\x01([0-9a-f]{40,64})")


@dataclass(frozen=True, slots=True)
class LastChange:
    """`at` is the author's date in ISO 8601 with its zone, "" where the commit has none. The author may be printed."""

    commit: str
    author: str
    at: str


def last_changes(located: Located, head: str, paths: Collection[str]) -> Mapping[str, LastChange]:
    """By path below the folder, the newest commit on a commit's first-parent line that touched the file.

    A merge counts as one change. A path that no commit has is left out. Raises GitUnavailable.
    """
    below = f"{located.folder}/" if located.folder else ""
    wanted = set(paths)
    found: dict[str, LastChange] = {}
    where = ["--", located.folder] if located.folder else []
    fields = located.repository.git.fields(*_COMMAND, "--end-of-options", head, *where)
    with closing(fields):
        for change, name in _touched(fields):
            path = name.removeprefix(below)
            if path in wanted:
                wanted.discard(path)
                found[path] = change
            if not wanted:
                break
    return found


def _touched(fields: Iterator[bytes]) -> Iterator[tuple[LastChange, str]]:
    """Each commit with each file that it touched; before its first file git breaks the line."""
    change: LastChange | None = None
    for field in fields:
        head = _HEAD.fullmatch(field)
        if head is not None:
            author, date = next(fields, b""), next(fields, b"")
            change = LastChange(head[1].decode(), printable(author.decode("utf-8", "replace")), _moment(date))
        elif change is not None:
            yield change, os.fsdecode(field.removeprefix(b"\n"))


def _moment(raw: bytes) -> str:
    said = raw.decode("ascii", "replace")
    return moment(*said.split(" ")) if said.count(" ") == 1 else ""
