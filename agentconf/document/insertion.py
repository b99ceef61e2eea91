"""Putting a new key into a mapping, or an item behind a list, as its last."""

from __future__ import annotations

import re
from typing import Any, Final

from agentconf.document import notation
from agentconf.document.outline import Entry, Piece
from agentconf.document.sheet import Sheet, Splice, quote_of

_COMMA: Final = re.compile(r"[ \t]*,")
_HEADER: Final = re.compile(r"[|>][0-9]*[+-]?[0-9]*")


def inserted(sheet: Sheet, holder: Piece, name: str | int, value: Any) -> Splice:
    """The splice that gives a mapping or list that is not empty one entry more."""
    return _in_flow(sheet, holder, name, value) if holder.is_flow else _below(sheet, holder, name, value)


def _below(sheet: Sheet, holder: Piece, name: str | int, value: Any) -> Splice:
    """On lines of its own, below the last entry and the comments that belong to it."""
    outline, last = sheet.outline, holder.entries[-1]
    column = outline.column(holder.entries[0].start)
    lines = notation.block({name: value} if isinstance(name, str) else [value], column, sheet.step)
    text = sheet.joined(lines)
    innermost = _innermost(last)
    if innermost.is_block_text and sheet.text[last.end - 1 : last.end] in {"\n", "\r"}:
        return Splice(last.end, last.end, text + sheet.line_break)  # below the blank lines of `|+`
    end = sheet.end_of_comments(last.end, column)
    if innermost.is_block_text and last.end == len(sheet.text):
        return _below_open_text(sheet, innermost, end, text)
    return Splice(end, end, sheet.line_break + text)


def _innermost(entry: Entry) -> Piece:
    piece = entry.value
    while piece.is_block:
        piece = piece.entries[-1].value
    return piece


def _below_open_text(sheet: Sheet, piece: Piece, end: int, text: str) -> Splice:
    """Below a block that the file ends within, without a line break: its header must say that it has none."""
    match = _HEADER.match(sheet.text, piece.inner)
    assert match is not None
    header = match[0].rstrip("+-") if match[0][-1] in "+-" else match[0]
    written = sheet.text[match.end() : end] + sheet.line_break + text
    return Splice(piece.inner, end, f"{header.replace('+', '').replace('-', '')}-{written}")


def _in_flow(sheet: Sheet, holder: Piece, name: str | int, value: Any) -> Splice:
    quote = quote_of(holder)
    last = holder.entries[-1]
    text = notation.inline(value, quote)
    if isinstance(name, str):
        text = f"{notation.scalar(name, is_flow=True, quote=quote)}: {text}"
    comma = _COMMA.match(sheet.text, last.end)
    behind = comma.end() if comma else last.end
    if sheet.begins_line(last.start):
        end = sheet.outline.line_end(behind) if sheet.comment(behind) is not None else behind
        pad = " " * sheet.outline.column(last.start)
        rest = sheet.text[behind:end]
        return Splice(last.end, end, f",{rest}{sheet.line_break}{pad}{text}{',' if comma else ''}")
    return Splice(last.end, last.end, f", {text}")
