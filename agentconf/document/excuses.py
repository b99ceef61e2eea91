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
from agentconf.document.text import lines_of, without_bom

_MARK: Final = b"agentconf:"
_EXCUSE: Final = re.compile(
    r"(?:^|(?<=\s))#\s*agentconf:\s*(?:allow|(?P<wrong>allows|allowed|alow|ignore|disable|skip|suppress|noqa|excuse))\b"
    r"(?P<names>[^#]*?)(?:\s--(?P<reason>.*))?$"
)
"""Also the words that other programs have for it: with those the comment names nothing, which is then said."""
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
    lines = lines_of(without_bom(document.data).decode("utf-8", "replace"))
    texts = {first: last for _, _, first, last in document.scalars() if last > first}
    inside = {number for first, last in texts.items() for number in range(first + 1, last + 1)}
    below = _said_below(lines)
    found = []
    for number, line in enumerate(lines, 1):
        match = _EXCUSE.search(line)
        if match and number not in inside:
            first = below[number - 1]
            span = Span(number, match.start() + 1, number, len(line) + 1)
            found.append(_excuse(document.file, span, match, (first, texts.get(first, first))))
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


def _excuse(file: str, span: Span, match: re.Match[str], lines: tuple[int, int]) -> Excuse:
    names = () if match["wrong"] else tuple(name for name in _SEPARATOR.split(match["names"].strip()) if name)
    has_reason = bool(match["wrong"] or (match["reason"] or "").strip())
    return Excuse(file, span, names, has_reason, *lines)


def _says(line: str) -> bool:
    """Whether a line holds anything but a comment."""
    return not line.lstrip().startswith("#") and bool(line.strip())


def _said_below(lines: list[str]) -> list[int]:
    """The line that a comment on each is about: itself, or the next below with nothing but comments between."""
    about = list(range(1, len(lines) + 1))
    for index in range(len(lines) - 2, -1, -1):
        is_comment = lines[index].lstrip().startswith("#")
        if is_comment and (_says(lines[index + 1]) or about[index + 1] != index + 2):
            about[index] = about[index + 1]
    return about
