"""A CEL expression as a tree, with the place of each part: what the engine does not tell of what it compiled.

Operators are not weighed against each other: for names, and for what an expression can cost at most, it is enough to
know what stands beside what. The engine alone decides what is CEL, and what it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NoReturn, TypeAlias

LENGTH_LIMIT: Final = 4_000
DEPTH_LIMIT: Final = 24
"""How deep brackets and choices may be nested. The engine's own limit is about a hundred."""

MACROS: Final = frozenset(("all", "exists", "exists_one", "map", "filter"))


class Unread(Exception):
    """An expression that is beyond the limits, or that cannot be followed. `offset` counts characters from 0."""

    def __init__(self, said: str, offset: int) -> None:
        self.said = said
        self.offset = offset
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text or a keyword as it is written."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str
    start: int


@dataclass(frozen=True, slots=True)
class Items:
    """`[...]`, or `{...}` with keys and values in turn."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`size(...)`, `has(...)`. `end` is behind the closing bracket."""

    name: str
    arguments: tuple[Node, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Field:
    """`.name` behind a value; `start` is where the name begins."""

    name: str
    start: int


@dataclass(frozen=True, slots=True)
class Index:
    """`[...]` behind a value."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Method:
    """`.name(...)` behind a value, macros included."""

    name: str
    arguments: tuple[Node, ...]
    start: int


Step: TypeAlias = Field | Index | Method


@dataclass(frozen=True, slots=True)
class Way:
    """A value and what stands behind it. `ends[n]` is where the text of the first n + 1 steps ends."""

    root: Node
    steps: tuple[Step, ...]
    start: int
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Values with operators between them, whatever binds closer."""

    items: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node


Node: TypeAlias = Literal | Name | Items | Call | Way | Chain | Choice

_TOKEN: Final = re.compile(
    r"""(?P<space>(?:[ \t\r\n\f]+|//[^\n]*)+)
    |(?P<text>(?:[rR][bB]?|[bB][rR]?)?(?:\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<number>0x[0-9a-fA-F]+u?|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?u?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,(){}\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_BETWEEN: Final = frozenset(("&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "in"))
_CLOSING: Final = {"[": "]", "{": "}", "(": ")"}
_CONSTANTS: Final = frozenset(("true", "false", "null"))


def read(text: str) -> Node:
    """The tree of an expression that the engine takes. Raises Unread."""
    reader = _Reader(text)
    node = reader.whole()
    if reader.kind:
        reader.refuse()
    return node


class _Reader:
    """Walks over the tokens; `kind`, `ahead`, `start` and `end` are those of the one ahead ("" at the end)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = 0
        self.kind = self.ahead = ""
        self.start = self.before = self.end = 0
        self.advance()

    def advance(self) -> str:
        """Steps over the token ahead, which is returned; a blank is no token."""
        over = self.ahead
        self.before = self.start = self.end
        self.kind = self.ahead = ""
        while self.end < len(self.text):
            found = _TOKEN.match(self.text, self.end)
            if found is None:
                raise Unread("this cannot be followed", self.end)
            self.start, self.end = found.span()
            self.kind, self.ahead = found.lastgroup or "", found[0]
            if self.kind != "space":
                break
            self.kind = self.ahead = ""
        return over

    def refuse(self) -> NoReturn:
        raise Unread("this cannot be followed", self.start)

    def expect(self, token: str) -> None:
        if self.ahead != token or self.kind == "text":
            self.refuse()
        self.advance()

    def whole(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise Unread(f"an expression is nested at most {DEPTH_LIMIT} levels deep", self.start)
        node = self.chain()
        if self.ahead == "?":
            self.advance()
            yes = self.whole()
            self.expect(":")
            node = Choice(node, yes, self.whole())
        self.depth -= 1
        return node

    def chain(self) -> Node:
        items, operators = [self.signed()], []
        while self.ahead in _BETWEEN:
            operators.append(self.advance())
            items.append(self.signed())
        return Chain(tuple(items), tuple(operators)) if operators else items[0]

    def signed(self) -> Node:
        while self.ahead in {"!", "-"}:
            self.advance()
        return self.way()

    def way(self) -> Node:
        start, root = self.start, self.primary()
        steps: list[Step] = []
        ends: list[int] = []
        while self.ahead in {".", "["}:
            steps.append(self.step())
            ends.append(self.before)
        return Way(root, tuple(steps), start, tuple(ends)) if steps else root

    def step(self) -> Step:
        if self.advance() == "[":
            inner = self.whole()
            self.expect("]")
            return Index(inner)
        start, name = self.start, self.name()
        return Method(name, self.bracketed("("), start) if self.ahead == "(" else Field(name, start)

    def name(self) -> str:
        return self.advance() if self.kind == "name" else self.refuse()

    def primary(self) -> Node:
        start = self.start
        if self.kind in {"text", "number"} or self.ahead in _CONSTANTS:
            return Literal(self.advance(), start)
        if self.ahead in {"[", "{"}:
            return Items(self.bracketed(self.ahead))
        if self.ahead == "(":
            self.advance()
            inner = self.whole()
            self.expect(")")
            return inner
        if self.ahead == ".":  # `.agent` names a variable from outermost
            self.advance()
        name = self.name()
        return Call(name, self.bracketed("("), start, self.before) if self.ahead == "(" else Name(name, start)

    def bracketed(self, opening: str) -> tuple[Node, ...]:
        """The items between brackets. A comma may stand behind the last."""
        self.expect(opening)
        items: list[Node] = []
        while self.ahead != _CLOSING[opening]:
            items.append(self.whole())
            if self.ahead not in {",", ":"}:
                break
            self.advance()
        self.expect(_CLOSING[opening])
        return tuple(items)
