"""Places inside a text: where in the file a character of a value stands, however the value is written."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.diagnostic import Span
from agentconf.document.document import Document
from agentconf.document.text import lines_of, without_bom
from agentconf.keypath import KeyPath, look_up

_QUOTES = "'\""


def span_inside(document: Document, path: KeyPath, offset: int, length: int = 1) -> Span:
    """The place of some characters of the text at a path; of the whole text where they cannot be found again.

    `offset` counts characters from 0, and may lie behind the last.
    """
    whole = document.value_span(path)
    place = _place(document, whole, str(look_up(document.value, path)), offset)
    if place is None:
        return whole
    line, column = place
    return Span(line, column, line, column + max(length, 1))


def _place(document: Document, whole: Span, value: str, offset: int) -> tuple[int, int] | None:
    """Blanks and line breaks are folded and indented in many ways; all else stands in the file as in the value."""
    wanted = sum(not character.isspace() for character in value[: offset + 1])
    is_behind = offset >= len(value) or value[offset].isspace()
    said = (character for character in value if not character.isspace())
    found: tuple[int, int] | None = None
    for line, column, character in _characters(document, whole):
        if character != next(said, ""):
            return None
        found = line, column
        wanted -= 1
        if wanted <= 0:
            break
    return (found[0], found[1] + 1) if found and is_behind else found


def _characters(document: Document, whole: Span) -> Iterator[tuple[int, int, str]]:
    """What is no blank in the file, from where the value begins: the marks of its style left out."""
    lines = lines_of(without_bom(document.data).decode())
    first, column = whole.line, whole.column
    mark = lines[first - 1][column - 1 : column]
    if mark and mark in "|>":
        first, column = first + 1, 1
    elif mark and mark in _QUOTES:
        column += 1
    for number, line in enumerate(lines[first - 1 :], first):
        before = ""
        for at in range(column, len(line) + 1):
            character = line[at - 1]
            is_mark = (mark == '"' and character == "\\") or (mark == "'" == character)
            if is_mark and before != character:
                before = character  # what it stands before is taken as it is: '' and \"
            elif not character.isspace():
                before = ""
                yield number, at, character
        column = 1
