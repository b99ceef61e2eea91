"""Edits that change what they are to change, and leave every other character of a file as it is.

A round trip through a YAML library keeps comments, and still lays out anew what it did not have to touch (of this
repository's 28 files, ruamel.yaml gives back 10 unchanged, and none with CRLF). So an edit is a splice of the text at
a place that the parser knows. Whether it does what was asked is not argued but read back: the result is parsed, and
what is not exactly the value that was to be is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from agentconf.diagnostic import Span
from agentconf.document import notation
from agentconf.document.build import Lexicon
from agentconf.document.change import Change, Put, Rename, applied, is_same, missing
from agentconf.document.document import Document
from agentconf.document.insertion import inserted
from agentconf.document.outline import Entry, Piece, outline
from agentconf.document.parse import parse
from agentconf.document.removal import removed
from agentconf.document.replacement import renamed, replaced
from agentconf.document.sheet import Sheet, Splice
from agentconf.document.text import BOM, lines_of
from agentconf.errors import EditRefused
from agentconf.keypath import KeyPath, render


@dataclass(frozen=True, slots=True)
class Edit:
    """A stretch of a file and what is to stand in its place.

    `start` and `end` count characters behind a byte order mark; `span` is the same in lines and columns. `path` is the
    file below the root of its tree, `file` as findings name it. `change` is what it means for the value: nothing, where
    it is None.
    """

    path: str
    file: str
    span: Span
    start: int
    end: int
    text: str = field(repr=False)
    change: Change | None = field(default=None, repr=False)


class Editor:
    """Makes edits of one document; several of one document are made with one of these, which reads it once.

    Raises EditRefused where the document cannot be read.
    """

    def __init__(self, document: Document) -> None:
        if not document.is_readable:
            raise EditRefused(f"{document.file} cannot be read as it is")
        self.document = document

    @cached_property
    def sheet(self) -> Sheet:
        return Sheet(outline(self.document.data))

    @cached_property
    def _keys(self) -> dict[tuple[int, int], KeyPath]:
        return {entry.key.place: path for path, entry in self.sheet.outline.walk() if entry.key is not None}

    @cached_property
    def _values(self) -> dict[tuple[int, int], KeyPath]:
        return {entry.value.place: path for path, entry in self.sheet.outline.walk() if entry.value.kind == "scalar"}

    def key_at(self, line: int, column: int) -> KeyPath | None:
        """The path of the key that begins at a place, as findings name places."""
        return self._keys.get((line, column))

    def value_at(self, line: int, column: int) -> KeyPath | None:
        """The path of the single value that begins at a place."""
        return self._values.get((line, column))

    def plan(self, change: Change) -> Edit:
        """The edit that should make a change; whether it does is for `combined` to find out. Raises EditRefused."""
        return self.spliced(_splice(self.sheet, change), change)

    def edit(self, change: Change) -> Edit:
        """The edit that makes a change. Raises EditRefused where it cannot be made exactly."""
        expected = applied(change, self.document.value)
        splice = _splice(self.sheet, change)
        # a text that ends in a line break needs one at the end of the file, too; nothing else may add it
        for ending in ("", self.sheet.line_break) if splice.end == len(self.sheet.text) else ("",):
            made = self.spliced(splice._replace(text=splice.text + ending), change)
            if self._gives(with_edits(self.document.data, (made,)), expected):
                return made
        raise self._too_odd()

    def spliced(self, splice: Splice, change: Change | None = None) -> Edit:
        """A splice of the text as an edit of the file."""
        start, end, new = splice
        before, within = lines_of(self.sheet.text[:start]), lines_of(self.sheet.text[start:end])
        line, column = len(before), len(before[-1]) + 1
        end_column = len(within[-1]) + (column if len(within) == 1 else 1)
        span = Span(line, column, line + len(within) - 1, end_column)
        return Edit(self.document.path, self.document.file, span, start, end, new, change)

    def combined(self, edits: Sequence[Edit]) -> bytes:
        """The file after several edits. Raises EditRefused where together they do not give what each was to give."""
        data = with_edits(self.document.data, edits)
        expected: object = self.document.value
        # from the end of the file to its beginning, so that no change moves the place of the next one
        for one in sorted(edits, key=_place, reverse=True):
            expected = applied(one.change, expected) if one.change is not None else expected
        if not self._gives(data, expected):
            raise self._too_odd()
        return data

    def _gives(self, data: bytes, expected: object) -> bool:
        """Whether the bytes say what is expected, and have no fault that the document has not."""
        result = parse(self.document.path, self.document.file, data, Lexicon())
        before = Counter(fault.code for fault in self.document.faults)
        new_faults = Counter(fault.code for fault in result.faults) - before
        return result.is_readable and not new_faults and is_same(result.value, expected)

    def _too_odd(self) -> EditRefused:
        file = self.document.file
        return EditRefused(f"{file} is written in a way that this change cannot be made in; edit it by hand")


def edit(document: Document, change: Change) -> Edit:
    """The edit that makes one change. Raises EditRefused where it cannot be made exactly."""
    return Editor(document).edit(change)


def with_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes of a file after edits that do not overlap."""
    text = data.removeprefix(BOM).decode()
    for one in sorted(edits, key=_place, reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    try:
        return BOM[: len(BOM) if data.startswith(BOM) else 0] + text.encode()
    except UnicodeEncodeError:
        raise EditRefused("half of a character cannot stand in a file") from None


def _place(one: Edit) -> tuple[int, int]:
    return one.start, one.end


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits of a file cannot both be made."""
    return (one.start < other.end and other.start < one.end) or _place(one) == _place(other)


def rewritten(document: Document, changes: Iterable[Change]) -> Document:
    """The document after changes that are made one after the other. Raises EditRefused, and then none is made."""
    for change in changes:
        data = with_edits(document.data, (edit(document, change),))
        document = parse(document.path, document.file, data, Lexicon())
    return document


def _splice(sheet: Sheet, change: Change) -> Splice:
    way = sheet.outline.way(change.path)
    above = [entry.value for entry in way]
    if len(way) < len(change.path):
        if not isinstance(change, Put):
            raise _not_written_here(change)
        return _put_in(sheet, way, above[-1] if above else sheet.outline.root, change)
    entry = way[-1]
    holder = above[-2] if len(above) > 1 else sheet.outline.root
    if isinstance(change, Rename):
        return renamed(holder, entry, change.name)
    if isinstance(change, Put):
        return replaced(sheet, holder, entry, change.value)
    if len(holder.entries) == 1:
        return _emptied(sheet, way, holder)
    return removed(sheet, holder, entry)


def _put_in(sheet: Sheet, way: list[Entry], holder: Piece, change: Put) -> Splice:
    """A new entry for a mapping or a list, in brackets or on lines of their own."""
    step = change.path[len(way)]
    value = missing(change.path, len(way), change.value)
    if holder.kind not in {"mapping", "list"}:
        raise _not_written_here(change)
    if holder.entries:
        return inserted(sheet, holder, step, value)
    content = {step: value} if isinstance(step, str) else [value]
    if not way:
        return _unfolded(sheet, holder, content)
    above = way[-2].value if len(way) > 1 else sheet.outline.root
    return replaced(sheet, above, way[-1], content)


def _unfolded(sheet: Sheet, root: Piece, content: Any) -> Splice:
    """The first entry of a file that says `{}`, on lines of its own; a comment behind the brackets moves above."""
    comment = sheet.comment(root.end)
    if comment is None or not sheet.begins_line(root.start):
        return Splice(root.inner, root.end, notation.inline(content))
    lines = [*([comment.lstrip()] if comment else []), *notation.block(content, 0, sheet.step)]
    return Splice(root.inner, sheet.outline.line_end(root.end), sheet.joined(lines))


def _emptied(sheet: Sheet, way: list[Entry], holder: Piece) -> Splice:
    """What is left of a mapping or list without its last entry: not nothing, which would be no value."""
    empty: object = {} if holder.kind == "mapping" else []
    if holder.is_flow:
        return Splice(holder.inner, holder.end, notation.inline(empty))
    if len(way) == 1:
        return Splice(holder.inner, sheet.outline.line_end(holder.end), "{}")
    above = way[-3].value if len(way) > 2 else sheet.outline.root
    return replaced(sheet, above, way[-2], empty)


def _not_written_here(change: Change) -> EditRefused:
    return EditRefused(f"{render(change.path)} stands in an alias, or in a key that is no plain text; edit it by hand")
