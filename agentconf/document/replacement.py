"""Another name for a key, another value behind it: quotes and comments stay as far as they can."""

from __future__ import annotations

import re
from typing import Any, Final

from agentconf.document import notation
from agentconf.document.outline import Entry, Piece
from agentconf.document.sheet import Sheet, Splice, quote_of
from agentconf.errors import EditRefused

_COMMENT: Final = re.compile(r"[ \t]+#[^\r\n]*")


def renamed(holder: Piece, entry: Entry, name: str) -> Splice:
    """The splice that gives a key another name, in the quotes that it has."""
    key = entry.key
    if key is None or key.kind != "scalar":
        raise EditRefused("only a key that is written out can be renamed")
    quote = key.style if key.style in {"'", '"'} else None
    return Splice(key.inner, key.end, notation.scalar(name, is_flow=holder.is_flow, quote=quote))


def replaced(sheet: Sheet, holder: Piece, entry: Entry, value: Any) -> Splice:
    """The splice that puts another value behind a key, or in the place of an item."""
    old = entry.value
    if holder.is_flow:
        quote = old.style if old.style in {"'", '"'} and isinstance(value, str) else quote_of(holder)
        return _exchanged(sheet, old, notation.inline(value, quote))
    if old.is_block_text and isinstance(value, str) and value and notation.can_be_literal(value):
        return _as_text(sheet, entry, value)
    if not old.is_block and not old.is_block_text and _fits(old, value):
        return _exchanged(sheet, old, _one_line(old, value))
    return _anew(sheet, entry, value)


def _fits(old: Piece, value: Any) -> bool:
    """Whether a value may stand on one line where another did."""
    return notation.is_inline(value) or (old.is_flow and bool(old.entries) and isinstance(value, dict | list))


def _one_line(old: Piece, value: Any) -> str:
    if isinstance(value, dict | list):
        return notation.inline(value, quote_of(old))
    quote = old.style if old.style in {"'", '"'} and isinstance(value, str) else None
    return notation.scalar(value, quote=quote)


def _exchanged(sheet: Sheet, old: Piece, text: str) -> Splice:
    is_close = old.inner == old.end and sheet.text[old.inner - 1 : old.inner] not in {" ", "\t"}
    return Splice(old.inner, old.end, " " * is_close + text)  # behind a colon with nothing: `key:`


def _as_text(sheet: Sheet, entry: Entry, text: str) -> Splice:
    """A block in the place of a block, as deep as the old one."""
    old, outline = entry.value, sheet.outline
    first = outline.next_line(old.inner)
    step = sheet.step
    if first < old.end:
        lines = (line for line in sheet.text[first : old.end].splitlines() if line.strip())
        written = min((len(line) - len(line.lstrip(" ")) for line in lines), default=0)
        step = max(written - outline.column(entry.start), 0) or step
    header, *lines_of_text = notation.literal(text, outline.column(entry.start) + step, step)
    comment = _behind_header(sheet, old)
    return Splice(old.inner, old.end, sheet.joined([header + comment, *lines_of_text]) + _tail(sheet, old))


def _tail(sheet: Sheet, old: Piece) -> str:
    """The break that a block with `|+` ends in, which the lines below still need."""
    return sheet.line_break if old.is_block_text and sheet.text[old.end - 1 : old.end] in {"\n", "\r"} else ""


def _behind_header(sheet: Sheet, old: Piece) -> str:
    match = _COMMENT.search(sheet.text, old.inner, sheet.outline.line_end(old.inner))
    return match[0] if match else ""


def _anew(sheet: Sheet, entry: Entry, value: Any) -> Splice:
    """Everything behind the colon or the dash, to the end of the old value's last line."""
    old, outline = entry.value, sheet.outline
    lead = sheet.lead(entry)
    column = outline.column(entry.start)
    end = outline.line_end(old.end) if sheet.comment(old.end) is not None else old.end
    if old.is_block_text:
        comment, end = _behind_header(sheet, old), old.end
    elif old.is_block:
        comment, end = _on_key_line(sheet, lead, old), sheet.end_of_comments(old.end, column)
    else:
        comment = _on_key_line(sheet, lead, old) or sheet.comment(old.end) or ""
    step = sheet.step if entry.key is not None else 2
    if entry.key is None and isinstance(value, dict | list) and not notation.is_inline(value):
        lines = notation.block(value, column + 2, sheet.step)
        first, rest = lines[0].lstrip(" "), lines[1:]
    else:
        first, *rest = notation.behind(value, column, step)
    lines = [(f" {first}" if first else "") + comment, *rest]
    return Splice(lead, end, sheet.joined(lines) + _tail(sheet, old))


def _on_key_line(sheet: Sheet, lead: int, old: Piece) -> str:
    """The comment behind a key whose value stands on lines below; comments within the old value go with it."""
    return (sheet.comment(lead) or "") if sheet.outline.line_end(lead) < old.start else ""
