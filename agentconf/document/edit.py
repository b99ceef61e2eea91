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
from agentconf.keypath import render


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


def edit(document: Document, change: Change) -> Edit:
    """The edit that makes a change. Raises EditRefused where it cannot be made exactly."""
    expected = _expected(document, (change,))
    sheet = Sheet(outline(document.data))
    splice = _splice(sheet, change)
    # a text that ends in a line break needs one at the end of the file, too; nothing else may add it
    for ending in ("", sheet.line_break) if splice.end == len(sheet.text) else ("",):
        made = edit_of(document, sheet.text, splice._replace(text=splice.text + ending), change)
        if _gives(document, with_edits(document.data, (made,)), expected):
            return made
    raise _too_odd(document)


def edit_of(document: Document, text: str, splice: Splice, change: Change | None = None) -> Edit:
    """A splice of a document's text as an edit of its file."""
    start, end, new = splice
    before, within = lines_of(text[:start]), lines_of(text[start:end])
    line, column = len(before), len(before[-1]) + 1
    end_column = len(within[-1]) + (column if len(within) == 1 else 1)
    span = Span(line, column, line + len(within) - 1, end_column)
    return Edit(document.path, document.file, span, start, end, new, change)


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


def combined(document: Document, edits: Sequence[Edit]) -> bytes:
    """The file after several edits. Raises EditRefused where together they do not give what each was to give."""
    data = with_edits(document.data, edits)
    # from the end of the file to its beginning, so that no change moves the place of the next one
    changes = [one.change for one in sorted(edits, key=_place, reverse=True) if one.change is not None]
    if not _gives(document, data, _expected(document, changes)):
        raise _too_odd(document)
    return data


def rewritten(document: Document, changes: Iterable[Change]) -> Document:
    """The document after changes that are made one after the other. Raises EditRefused, and then none is made."""
    for change in changes:
        data = with_edits(document.data, (edit(document, change),))
        document = parse(document.path, document.file, data, Lexicon())
    return document


def _expected(document: Document, changes: Iterable[Change]) -> object:
    if not document.is_readable:
        raise EditRefused(f"{document.file} cannot be read as it is")
    value: object = document.value
    for change in changes:
        value = applied(change, value)
    return value


def _gives(document: Document, data: bytes, expected: object) -> bool:
    """Whether the bytes say what is expected, and have no fault that the document has not."""
    result = parse(document.path, document.file, data, Lexicon())
    new_faults = Counter(fault.code for fault in result.faults) - Counter(fault.code for fault in document.faults)
    return result.is_readable and not new_faults and is_same(result.value, expected)


def _too_odd(document: Document) -> EditRefused:
    return EditRefused(f"{document.file} is written in a way that this change cannot be made in; edit it by hand")


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
        return Splice(holder.inner, holder.end, sheet.joined(notation.block(content, 0, sheet.step)))
    above = way[-2].value if len(way) > 1 else sheet.outline.root
    return replaced(sheet, above, way[-1], content)


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
