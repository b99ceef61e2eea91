"""Where everything in a text stands, to the character: what an edit needs, and values alone do not say.

The graph of nodes that values are built from has no place for an alias, and a block in it ends on a line of its own;
the events that it is made of have both. Offsets count characters, and begin behind a byte order mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from agentconf.document.composer import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    events,
)
from agentconf.document.text import StandIns, without_bom
from agentconf.keypath import KeyPath

Kind: TypeAlias = Literal["scalar", "alias", "mapping", "list"]

_ANCHOR: Final = re.compile(r"(?:[&!][^ \t\r\n]*+[ \t\r\n]++(?:#[^\r\n]*+[ \t\r\n]++)*+)*+")
_DASH: Final = re.compile(r"[\r\n] *(-)(?=[ \t\r\n]|\Z)")
_LINES: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


@dataclass(slots=True)
class Piece:
    """A key or a value as it is written; `inner` is the start without an anchor.

    `place` is line and column as findings count them. `style` is a scalar's quote, `|` or `>`, and None of a plain one.
    """

    kind: Kind
    start: int
    end: int
    place: tuple[int, int]
    inner: int
    text: str = ""
    style: str | None = None
    is_flow: bool = False
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_block(self) -> bool:
        """Whether this is a mapping or a list on lines of its own."""
        return self.kind in {"mapping", "list"} and not self.is_flow

    @property
    def is_block_text(self) -> bool:
        return self.style in {"|", ">"}


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list; it begins with the key, with its `?`, or with the item's `-`."""

    name: str | int | None
    start: int
    key: Piece | None
    value: Piece

    @property
    def end(self) -> int:
        return max(self.value.end, self.key.end if self.key else 0)


@dataclass(slots=True)
class Outline:
    """The pieces of one text."""

    text: str
    root: Piece

    def way(self, path: KeyPath) -> list[Entry]:
        """The entries on the way to a path, as far as there are any; of equal keys the first."""
        found: list[Entry] = []
        piece = self.root
        for step in path:
            entry = next((one for one in piece.entries if one.name == step and type(one.name) is type(step)), None)
            if entry is None:
                break
            found.append(entry)
            piece = entry.value
        return found

    def walk(self) -> Iterator[tuple[KeyPath, Entry]]:
        """Every entry with its path, those of one mapping or list together."""
        ahead: list[tuple[KeyPath, Piece]] = [((), self.root)]
        while ahead:
            path, piece = ahead.pop()
            for entry in piece.entries:
                if entry.name is not None:
                    yield (*path, entry.name), entry
                    ahead.append(((*path, entry.name), entry.value))

    def line_start(self, offset: int) -> int:
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_end(self, offset: int) -> int:
        """Where the line's break stands, or the end of the text."""
        ends = (self.text.find(mark, offset) for mark in "\r\n")
        return min((end for end in ends if end >= 0), default=len(self.text))

    def next_line(self, offset: int) -> int:
        """Where the next line begins, or the end of the text."""
        end = self.line_end(offset)
        return end + (2 if self.text.startswith("\r\n", end) else 1 if end < len(self.text) else 0)

    def end_above(self, start: int) -> int:
        """Where the line above ends, without its break; `start` is the start of a line that is not the first."""
        return start - (2 if self.text.startswith("\r\n", start - 2) and start > 1 else 1)

    def column(self, offset: int) -> int:
        """How many characters stand before an offset on its line."""
        return offset - self.line_start(offset)


def text_of(data: bytes) -> str:
    """The characters that offsets count. Raises UnicodeDecodeError."""
    return without_bom(data).decode()


def outline(data: bytes) -> Outline:
    """The outline of a text that can be parsed. Raises PyYAML's YAMLError otherwise."""
    data = without_bom(data)
    stand_ins = StandIns(data)
    reader = _Reader(data.decode(), stand_ins)
    for event in events(stand_ins.put_in(data) if stand_ins else data):  # of the same length: every offset stays true
        reader.take(event)
    return Outline(reader.text, reader.root)


class _Reader:
    """Puts pieces together, event by event; what is open stands in a list, so that depth costs no recursion."""

    def __init__(self, text: str, stand_ins: StandIns) -> None:
        self.text = text
        self.root: Piece
        self._stand_ins = stand_ins
        self._open: list[tuple[Piece, list[Piece]]] = []

    def take(self, event: Event) -> None:
        if isinstance(event, CollectionEndEvent):
            piece, inner = self._open.pop()
            self._close(piece, inner, event)
        elif isinstance(event, NodeEvent):
            piece = self._piece(event)
            if self._open:
                self._open[-1][1].append(piece)
            else:
                self.root = piece
            if isinstance(event, CollectionStartEvent):
                self._open.append((piece, []))

    def _piece(self, event: Any) -> Piece:
        start, mark = event.start_mark.index, event.start_mark
        piece = Piece("scalar", start, event.end_mark.index, (mark.line + 1, mark.column + 1), start)
        if isinstance(event, AliasEvent):
            piece.kind = "alias"
            return piece
        match = _ANCHOR.match(self.text, start, piece.end) if event.anchor or event.tag else None
        piece.inner = match.end() if match else start
        if isinstance(event, ScalarEvent):
            piece.text = self._stand_ins.take_out(event.value) if self._stand_ins else event.value
            piece.style = event.style or None
            if piece.is_block_text:
                piece.end = _end_of_block(self.text, piece.inner, piece.end)
        else:
            piece.kind = "mapping" if isinstance(event, MappingStartEvent) else "list"
            piece.is_flow = bool(event.flow_style)
        return piece

    def _close(self, piece: Piece, inner: list[Piece], event: Any) -> None:
        if piece.kind == "mapping":
            pairs = zip(inner[::2], inner[1::2], strict=True)
            piece.entries = [self._pair(key, value) for key, value in pairs]
        else:
            piece.entries = self._items(piece, inner)
        # a block ends where its last entry does; the parser says where the next thing begins
        piece.end = event.end_mark.index if piece.is_flow else piece.entries[-1].end

    def _pair(self, key: Piece, value: Piece) -> Entry:
        before = key.start
        while before and self.text[before - 1] in " \t":
            before -= 1
        is_marked = before < key.start and self.text[before - 1 : before] == "?"
        name = key.text if key.kind == "scalar" else None
        return Entry(name, before - 1 if is_marked else key.start, key, value)

    def _items(self, piece: Piece, inner: list[Piece]) -> list[Entry]:
        entries: list[Entry] = []
        for index, item in enumerate(inner):
            start = item.start
            if not piece.is_flow:
                match = _DASH.search(self.text, entries[-1].end if entries else piece.start, item.start)
                start = match.start(1) if match else piece.start
            entries.append(Entry(index, start, None, item))
        return entries


def _end_of_block(text: str, start: int, end: int) -> int:
    """Where the last line of a block scalar ends that is not blank; with `|+` the blank ones are content, too."""
    header, *lines = _LINES.findall(text, start, end)
    if "+" in header.partition("#")[0]:
        return end
    indents = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" \r\n")]
    indent = min(indents, default=len(text))
    while lines and not lines[-1].strip(" \r\n") and len(lines[-1].rstrip("\r\n")) <= indent:
        lines.pop()
    whole = header + "".join(lines)
    return start + len(whole.rstrip("\r\n") if lines else header.rstrip("\r\n"))
