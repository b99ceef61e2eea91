"""A parsed file: its values, and the way back from each to its place in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agentconf.diagnostic import START, Diagnostic, Span
from agentconf.document.composer import MappingNode, Node, SequenceNode, compose
from agentconf.document.text import StandIns, without_bom
from agentconf.keypath import KeyPath


@dataclass(slots=True)
class Document:
    """One file's mapping. `faults` is what is wrong with the text; `doubtful` the places whose values say nothing.

    Positions are computed when asked for: most documents are never asked.
    """

    path: str
    file: str
    data: bytes
    value: dict[str, Any]
    faults: tuple[Diagnostic, ...] = ()
    doubtful: frozenset[KeyPath] = frozenset()
    has_null: bool = False
    noted: frozenset[str] = frozenset()
    is_readable: bool = True
    _root: Node | None = field(default=None, repr=False, compare=False)

    def value_span(self, path: KeyPath) -> Span:
        """Where the value at a path stands; where there is none, the innermost mapping or list that could hold it."""
        nodes = self._nodes(path)
        return span_of(nodes[-1][1]) if nodes else START

    def key_span(self, path: KeyPath) -> Span:
        """Where the key at a path stands; for an item of a list, the item."""
        nodes = self._nodes(path)
        if not nodes:
            return START
        key, value = nodes[-1]
        return span_of(key if len(nodes) == len(path) + 1 and key is not None else value)

    def scalars(self) -> Iterator[tuple[KeyPath, str, int, int]]:
        """Every single value as it is written, with its path, the first line of its key and its own last line."""
        root = self._nodes(())
        ahead: list[tuple[KeyPath, Node | None, Node]] = [((), None, node) for _, node in root]
        while ahead:
            path, key, node = ahead.pop()
            if isinstance(node, MappingNode):
                ahead.extend(((*path, str(name.value)), name, value) for name, value in node.value)
            elif isinstance(node, SequenceNode):
                ahead.extend(((*path, index), None, item) for index, item in enumerate(node.value))
            else:
                end = node.end_mark or node.start_mark
                yield path, str(node.value), (key or node).start_mark.line + 1, end.line + 1

    def forget_positions(self) -> None:
        """They are computed anew when they are asked for again; kept, they take ten times as much as the values."""
        self._root = None

    def _nodes(self, path: KeyPath) -> list[tuple[Node | None, Node]]:
        """Key and value nodes from the root down, as far as they go."""
        if self._root is None:
            data = without_bom(self.data)
            stand_ins = StandIns(data)
            self._root = compose(stand_ins.put_in(data) if stand_ins else data)
        if self._root is None:
            return []
        found: list[tuple[Node | None, Node]] = [(None, self._root)]
        for step in path:
            below = _child(found[-1][1], step)
            if below is None:
                break
            found.append(below)
        return found


def _child(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    if isinstance(node, MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None


def span_of(node: Node) -> Span:
    """A node's place. A collection in block style is shown by its first line: its end lies on a line of its own."""
    start, end = node.start_mark, node.end_mark or node.start_mark
    if end.line > start.line:
        return Span(start.line + 1, start.column + 1, start.line + 1, start.column + 1)
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
