"""Taking a key or an item out of a text, with the comments that speak of it alone."""

from __future__ import annotations

import re
from typing import Final

from agentconf.document.outline import Entry, Piece
from agentconf.document.sheet import Sheet, Splice

_COMMA: Final = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*+)*+,")
_NEXT: Final = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:[ \t\r\n]*)")


def removed(sheet: Sheet, holder: Piece, entry: Entry) -> Splice:
    """The splice that takes an entry out of what holds it. The last one leaves `{}` or `[]` to the caller."""
    if holder.is_flow:
        return _from_flow(sheet, holder, entry)
    if sheet.begins_line(entry.start):
        return _lines(sheet, holder, entry)
    # on the line of its holder's dash, to which the next entry, or the comment above it, moves up
    following = _after(holder, entry)
    end = following.start if following else entry.end
    match = _NEXT.match(sheet.text, entry.end)
    return Splice(entry.start, min(match.end(), end) if match else end, "")


def _after(holder: Piece, entry: Entry) -> Entry | None:
    index = next(index for index, one in enumerate(holder.entries) if one is entry)
    return holder.entries[index + 1] if index + 1 < len(holder.entries) else None


def _lines(sheet: Sheet, holder: Piece, entry: Entry) -> Splice:
    """The entry's own lines, the comment above it, and comments that are indented as what it held."""
    outline = sheet.outline
    column = outline.column(entry.start)
    start = outline.line_start(entry.start)
    end = _end_of_lines(sheet, entry, column)
    if _speaks_alone(sheet, end, column):
        start = _comment_above(sheet, start, column)
    if end == len(sheet.text) and start and not sheet.text.endswith(("\n", "\r")):
        # the last line of a file without a break at its end: neither has the one that is the last now
        start = outline.end_above(start)
    return Splice(start, end, "")


def _end_of_lines(sheet: Sheet, entry: Entry, column: int) -> int:
    """Where the line after an entry begins."""
    if entry.value.is_block_text and sheet.text[entry.end - 1 : entry.end] in {"\n", "\r"}:
        return entry.end  # with `|+` the blank lines belong to it
    return sheet.outline.next_line(sheet.end_of_comments(entry.end, deeper_than=column))


def _speaks_alone(sheet: Sheet, end: int, column: int) -> bool:
    """Whether a comment above an entry that ends here is about it alone: one about several has the next below it."""
    line = sheet.text[end : sheet.outline.line_end(end)]
    return not line.strip() or line.lstrip(" ")[0] == "#" or len(line) - len(line.lstrip(" ")) < column


def _comment_above(sheet: Sheet, start: int, column: int) -> int:
    """The start of the comment lines directly above, as deep as the entry; the head of the file stays."""
    outline, first = sheet.outline, start
    while first:
        end = outline.end_above(first)
        above = outline.line_start(end)
        line = sheet.text[above:end]
        if line[:column].strip(" ") or line[column : column + 1] != "#":
            return first
        first = above
    return start


def _from_flow(sheet: Sheet, holder: Piece, entry: Entry) -> Splice:
    index = next(index for index, one in enumerate(holder.entries) if one is entry)
    before = holder.entries[index - 1] if index else None
    comma = _COMMA.match(sheet.text, entry.end)
    after = comma.end() if comma and comma.end() <= holder.end else None
    behind = after if after is not None else entry.end
    if sheet.is_alone(entry.start, behind):
        start, end = sheet.outline.line_start(entry.start), sheet.outline.next_line(behind)
        if after is None and before is not None and (last := _COMMA.match(sheet.text, before.end)):
            kept = sheet.text[before.end : last.end() - 1] + sheet.text[last.end() : start]
            return Splice(before.end, end, kept)
        return Splice(start, end, "")
    if index + 1 < len(holder.entries):
        return Splice(entry.start, holder.entries[index + 1].start, "")
    return Splice(before.end if before else entry.start, entry.end if before or after is None else after, "")
