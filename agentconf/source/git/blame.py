"""Who wrote a line, when and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from agentconf.errors import GitUnavailable, NotInCommit
from agentconf.redact import printable
from agentconf.source.git.commit_files import TOP, CommitFiles, Interrupted
from agentconf.source.git.moments import moment
from agentconf.source.git.objects import Objects
from agentconf.source.git.refusals import shown
from agentconf.source.git.repository import Located
from agentconf.source.git.same_lines import lines_before

_HEAD: Final = re.compile(rb"([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?")
_RANGES_LIMIT: Final = 100
"""With more stretches of lines than these, the whole file is asked for."""


@dataclass(frozen=True, slots=True)
class Blame:
    """The commit that wrote a line; None where it is not committed. The texts may be printed.

    `date` is the author's, in ISO 8601 with its zone, "" where the commit has none. With `is_boundary` a shallow clone
    ends: the line may be older.
    """

    commit: str | None
    author: str = ""
    date: str = ""
    summary: str = ""
    is_boundary: bool = False


NOT_COMMITTED: Final = Blame(None, summary="not committed yet")


class Blamer:
    """Blames lines of a config tree as of one commit, named by its id. Raises GitUnavailable."""

    def __init__(self, objects: Objects, located: Located, commit: str) -> None:
        self._objects = objects
        self._located = located
        self._commit = commit
        self._boundary = located.repository.boundary()
        self._files = CommitFiles(objects, objects.root_of(commit))

    def committed(self, path: str, lines: Collection[int]) -> dict[int, Blame]:
        """Some lines of the file at a path below the folder, by number from 1; those that it does not have left out.

        Raises NotInCommit.
        """
        real, data = self._file(path)
        return self._blamed(real, sorted(set(lines)), data)

    def now(self, path: str, data: bytes, lines: Collection[int]) -> dict[int, Blame]:
        """The same of the bytes that stand there now. Git is not handed them: it would run the repository's filters."""
        try:
            real, committed = self._file(path)
        except NotInCommit:
            return dict.fromkeys(lines, NOT_COMMITTED)
        before = lines_before(committed, data)
        asked = sorted({before[line] for line in lines if line in before})
        found = self._blamed(real, asked, committed)
        return {line: found.get(before.get(line, 0), NOT_COMMITTED) for line in lines}

    def _file(self, path: str) -> tuple[str, bytes]:
        """The path in the repository, links followed, and the bytes."""
        given = "/".join(part for part in (TOP, self._located.folder, path) if part)
        try:
            data = self._objects.file(self._files.node(given).oid)
            real = self._files.real(given).removeprefix(f"{TOP}/")
        except Interrupted as interruption:
            raise interruption.cause from None
        except GitUnavailable:
            raise
        except OSError as error:
            raise NotInCommit(f"'{shown(path)}' is not in commit {self._commit[:10]}") from error
        if not isinstance(data, bytes):
            raise GitUnavailable(f"'{shown(path)}' is larger than 1 MiB in commit {self._commit[:10]}")
        return real, data

    def _blamed(self, real: str, lines: list[int], data: bytes) -> dict[int, Blame]:
        count = data.count(b"\n") + (not data.endswith(b"\n"))
        wanted = [line for line in lines if 1 <= line <= count and data]
        if not wanted:
            return {}
        ranges = _ranges(wanted)
        within = [f"-L{first},{last}" for first, last in ranges] if len(ranges) <= _RANGES_LIMIT else []
        command = ["blame", "--porcelain", "--no-textconv", "--no-ignore-revs-file", "--root", *within]
        said = self._located.repository.git.run(*command, self._commit, "--", real)
        found = _parsed(said, self._boundary)
        return {line: found[line] for line in wanted if line in found}


def _ranges(lines: Iterable[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for line in lines:
        if ranges and ranges[-1][1] == line - 1:
            ranges[-1] = (ranges[-1][0], line)
        else:
            ranges.append((line, line))
    return ranges


def _parsed(said: bytes, boundary: frozenset[str]) -> dict[int, Blame]:
    """What a commit is, git says at its first line alone."""
    wrote: dict[int, str] = {}
    about: dict[str, dict[str, str]] = {}
    commit = ""
    for line in said.split(b"\n"):
        head = _HEAD.fullmatch(line)
        if head is not None:
            commit = head[1].decode()
            wrote[int(head[2])] = commit
        elif line[:1] not in {b"\t", b""}:
            name, _, value = line.decode("utf-8", "replace").partition(" ")
            about.setdefault(commit, {}).setdefault(name, value)
    blames = {commit: _blame(commit, facts, commit in boundary) for commit, facts in about.items()}
    return {line: blames[commit] for line, commit in wrote.items() if commit in blames}


def _blame(commit: str, facts: dict[str, str], is_boundary: bool) -> Blame:
    date = moment(facts.get("author-time", ""), facts.get("author-tz", ""))
    return Blame(commit, printable(facts.get("author", "")), date, printable(facts.get("summary", "")), is_boundary)
