"""Comments that excuse a line: `# agentconf: allow unknown-model -- the provider serves it from December`.

One stands on the line that it excuses, or on one above it with nothing but comments between. Where a text of several
lines begins on the excused line, all of the text is excused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agentconf.diagnostic import Diagnostic, Rule, Span
from agentconf.document.document import Document

_MARK: Final = b"agentconf:"
_EXCUSE: Final = re.compile(r"(?:^|(?<=\s))#\s*agentconf:\s*allow\b(?P<names>[^#]*?)(?:\s--(?P<reason>.*))?$")
_SEPARATOR: Final = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Excuse:
    """`first` and `last` are the lines that it excuses, counted from 1. One without a reason excuses nothing."""

    file: str
    span: Span
    names: tuple[str, ...]
    has_reason: bool
    first: int
    last: int

    def covers(self, rule: Rule, line: int) -> bool:
        """Whether it excuses a rule on a line."""
        is_named = rule.name in self.names or rule.alias in self.names
        return self.has_reason and is_named and self.first <= line <= self.last


def excuses(document: Document) -> tuple[Excuse, ...]:
    """Every excuse in a file. Nearly all files have none, and are not looked at any closer."""
    if _MARK not in document.data or not document.is_readable:
        return ()
    lines = document.data.decode("utf-8", "replace").splitlines()
    texts = [(first, last) for _, _, first, last in document.scalars() if last > first]
    found = []
    for number, line in enumerate(lines, 1):
        match = _EXCUSE.search(line)
        if match and not any(first < number <= last for first, last in texts):
            found.append(_excuse(document.file, lines, texts, (number, match)))
    return tuple(found)


def excuse_of(finding: Diagnostic, known: Mapping[str, tuple[Excuse, ...]]) -> Excuse | None:
    """The comment that excuses a finding, among those of each file: at its place, or at one that it is related to.

    What is found in a prompt's file is also excused where the file is named.
    """
    for file, line in ((finding.file, finding.line), *((one.file, one.line) for one in finding.related)):
        for excuse in known.get(file, ()):
            if excuse.covers(finding.rule, line):
                return excuse
    return None


def is_excused(finding: Diagnostic, known: Mapping[str, tuple[Excuse, ...]]) -> bool:
    """Whether a comment excuses a finding."""
    return excuse_of(finding, known) is not None


def _excuse(
    file: str, lines: list[str], texts: list[tuple[int, int]], at: tuple[int, re.Match[str]]
) -> Excuse:
    number, match = at
    first = number if line_says(lines[number - 1]) else _next(lines, number)
    last = max((last for start, last in texts if start == first), default=first)
    span = Span(number, match.start() + 1, number, len(lines[number - 1]) + 1)
    names = tuple(name for name in _SEPARATOR.split(match["names"].strip()) if name)
    return Excuse(file, span, names, bool((match["reason"] or "").strip()), first, last)


def line_says(line: str) -> bool:
    """Whether a line holds anything but a comment."""
    return not line.lstrip().startswith("#") and bool(line.strip())


def _next(lines: list[str], number: int) -> int:
    """The next line with anything but a comment."""
    for index in range(number, len(lines)):
        if line_says(lines[index]):
            return index + 1
        if not lines[index].strip():
            break
    return number
