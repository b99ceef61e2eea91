"""The door to PyYAML: text to a graph of nodes with marks, by libyaml, without PyYAML's own scalars and tags.

PyYAML's resolver and constructor take two thirds of its time and read YAML 1.1; neither is used. The graph is built
into values by `build`.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from yaml import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingNode,
    MappingStartEvent,
    Node,
    NodeEvent,
    ScalarEvent,
    ScalarNode,
    SequenceNode,
)
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

__all__ = [
    "DEPTH_LIMIT",
    "VALUES_LIMIT",
    "AliasEvent",
    "CollectionEndEvent",
    "CollectionStartEvent",
    "Composed",
    "Event",
    "MappingNode",
    "MappingStartEvent",
    "MarkedYAMLError",
    "Node",
    "NodeEvent",
    "ReaderError",
    "ScalarEvent",
    "ScalarNode",
    "SequenceNode",
    "TooDeep",
    "TooMany",
    "YAMLError",
    "compose",
    "events",
]

DEPTH_LIMIT: Final = 64
VALUES_LIMIT: Final = 50_000
"""How many keys and values a text may hold: a node takes half a kilobyte, and a byte of text may be one."""

Composed: TypeAlias = Any
"""A node whose `tag` is what `resolve` answered, (is plain, is quoted) or a truth value, or an explicit tag."""


class TooDeep(Exception):
    """A value nested deeper than the limit; `node` is the innermost that still fits."""

    def __init__(self, node: Node) -> None:
        self.node = node
        super().__init__()


class TooMany(TooDeep):
    """A text with more values than the limit; `node` is what holds the first beyond it."""


class _Composer(CParser):
    """Asks for tags at every node: `resolve` answers (is plain, is quoted), so that an explicit tag stands out as text.

    The two hooks round each node must exist; builtins that take what they are given cost least.
    """

    descend_resolver: Any = staticmethod(operator.is_)
    ascend_resolver: Any = staticmethod(bool)

    def resolve(self, kind: type[Node], value: str | None, implicit: Any) -> Any:
        return implicit


class _WaryComposer(_Composer):
    """The same, counting: libyaml's composer recurses in C, would end the process, and takes whatever memory it can."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._depth = 0
        self._count = 0

    def descend_resolver(self, parent: Node | None, index: Any) -> None:
        self._depth += 1
        self._count += 1
        if parent is not None and (self._depth > DEPTH_LIMIT + 1 or self._count > VALUES_LIMIT):
            raise TooMany(parent) if self._count > VALUES_LIMIT else TooDeep(parent)

    def ascend_resolver(self) -> None:
        self._depth -= 1


def is_plain(scalar: Composed) -> bool:
    """Whether a scalar is written without quotes and without a tag."""
    return scalar.tag[0] is True


def compose(data: bytes) -> Composed | None:
    """The node graph of the one document in `data` (UTF-8 without a BOM); None where there is no document.

    Raises TooDeep, TooMany, and PyYAML's ReaderError and MarkedYAMLError.
    """
    parser = (_WaryComposer if len(data) > VALUES_LIMIT or _could_be_deep(data) else _Composer)(data)
    return parser.get_single_node()


def events(data: bytes) -> Iterator[Event]:
    """What the graph is made of, one by one: unlike it, this has a place for each alias. Raises YAMLError."""
    parser = CParser(data)
    while (event := parser.get_event()) is not None:
        yield event


_FLOW_OPENERS: Final = 28
_INDENTED: Final = b"\n" + b" " * 16


def _could_be_deep(data: bytes) -> bool:
    """Whether a text might nest so deep that composing it in C is a danger: an estimate that costs two microseconds.

    A block collection begins at a column of its own, where at most a mapping and a list begin together, unless lists
    are opened one behind the other (`- - `, `-  - `). What this lets through is counted exactly when it is built.
    """
    openers = len(data) - len(data.translate(None, b"[{?"))
    return openers >= _FLOW_OPENERS or _INDENTED in data or b"- -" in data or b"-  " in data or b"\r" in data
