"""A text as it is laid out: where an edit may begin and end, and how its new lines are to look."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from agentconf.document.outline import Entry, Outline, Piece
from agentconf.errors import EditRefused

_BREAK: Final = re.compile(r"\r\n|\r|\n")
_REST: Final = re.compile(r"(?P<comment>[ \t]*#[^\r\n]*)?[ \t]*(?=[\r\n]|\Z)")
_COLON: Final = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*+)*+:")
_STEP: Final = 2


class Splice(NamedTuple):
    """A stretch of the text and what is to stand in its place."""

    start: int
    end: int
    text: str


class Sheet:
    """An outline with the habits of its text: line breaks, and how deep it indents."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.text = outline.text
        found = _BREAK.search(self.text)
        self.line_break = found[0] if found else "\n"
        self.step = self._step()

    def _step(self) -> int:
        """How much deeper the first mapping within a mapping stands."""
        for _, entry in self.outline.walk():
            if entry.key is not None and entry.value.kind == "mapping" and entry.value.is_block:
                first = entry.value.entries[0]
                return max(self.outline.column(first.start) - self.outline.column(entry.start), 1)
        return _STEP

    def joined(self, lines: list[str]) -> str:
        return self.line_break.join(lines)

    def lead(self, entry: Entry) -> int:
        """Where the colon of a key, or the dash of an item, has just been; the value follows."""
        if entry.key is None:
            return entry.start + 1
        match = _COLON.match(self.text, entry.key.end)
        if match is None:
            raise EditRefused("this key has no ':'; write one behind it first")
        return match.end()

    def comment(self, offset: int) -> str | None:
        """The comment that follows on the line, blanks before it included, or ""; None where something else follows."""
        match = _REST.match(self.text, offset)
        return (match["comment"] or "") if match else None

    def is_alone(self, start: int, end: int) -> bool:
        """Whether nothing but a comment shares the lines from `start` to `end`."""
        before = self.text[self.outline.line_start(start) : start]
        return not before.strip(" ") and self.comment(end) is not None

    def begins_line(self, offset: int) -> bool:
        return not self.text[self.outline.line_start(offset) : offset].strip(" \t")

    def _indent(self, start: int) -> int:
        end = start
        while self.text[end : end + 1] == " ":
            end += 1
        return end - start

    def end_of_comments(self, offset: int, deeper_than: int) -> int:
        """The end of the comment lines below an offset's line that are indented deeper: they belong to what is above.

        Without the line break.
        """
        end = self.outline.line_end(offset)
        start = self.outline.next_line(offset)
        while start < len(self.text):
            indent = self._indent(start)
            if self.text[start + indent : start + indent + 1] != "#" or indent <= deeper_than:
                break
            end = self.outline.line_end(start)
            start = self.outline.next_line(start)
        return end


def quote_of(piece: Piece) -> str | None:
    """The quote that the texts of a mapping or list have in common, as they do in JSON."""
    parts = [part for entry in piece.entries for part in (entry.key, entry.value) if part and part.kind == "scalar"]
    keys = {entry.key.style for entry in piece.entries if entry.key}
    quotes = keys or {part.style for part in parts}
    return next(iter(quotes)) if len(quotes) == 1 and quotes <= {"'", '"'} else None
