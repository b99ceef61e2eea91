"""What an expression names and reads, and what it can cost at most: found out before it runs, branches not taken too.

The engine knows neither budget nor deadline, and cannot be interrupted. So a bound is computed from the expression
and from how large the values may be; what goes beyond it is not run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from agentconf.keypath import KeyPath
from agentconf.rules.policies import patterns
from agentconf.rules.policies.bounds import Bound, Sizes, values_of
from agentconf.rules.policies.expression import (
    MACROS,
    Call,
    Chain,
    Choice,
    Field,
    Index,
    Items,
    Literal,
    Method,
    Name,
    Node,
    Way,
)
from agentconf.rules.policies.vocabulary import OPEN, Shape, Vocabulary
from agentconf.suggest import did_you_mean

FUNCTIONS: Final = frozenset(
    ("size", "int", "uint", "double", "string", "bytes", "timestamp", "duration", "type", "dyn", "has")
)
METHODS: Final = frozenset(
    "size contains startsWith endsWith matches getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek "
    "getHours getMinutes getSeconds getMilliseconds".split()
)
TYPES: Final = frozenset(("int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"))
_ADDING: Final = frozenset(("+", "-", "*", "/", "%"))
_COPYING: Final = frozenset(("map", "filter"))


class Misnamed(Exception):
    """A name that does not exist. `offset` counts characters from 0."""

    def __init__(self, said: str, offset: int, length: int, hint: str | None = None) -> None:
        self.said = said
        self.offset = offset
        self.length = length
        self.hint = hint
        super().__init__(said)


@dataclass(slots=True)
class Survey:
    """What was found: `reads` are places in the agent, in the order in which they are named.

    `uses` are those whose whole value counts, `ranges` those of which only the items do, as far as they are used.
    `is_open`: it depends on what no shape is known of, such as metadata; `takes_whole`: on the agent as a whole.
    `presence` holds where `has(...)` asks for a key that every agent has: start, end and what to ask instead.
    """

    cost: int = 0
    reads: list[KeyPath] = field(default_factory=list)
    uses: list[KeyPath] = field(default_factory=list)
    ranges: list[KeyPath] = field(default_factory=list)
    is_open: bool = False
    takes_whole: bool = False
    presence: list[tuple[int, int, str]] = field(default_factory=list)


def survey(text: str, tree: Node, names: Vocabulary, sizes: Sizes) -> Survey:
    """Raises Misnamed."""
    surveyor = _Surveyor(text, names, sizes)
    surveyor.value(tree, {})
    return surveyor.found


_Scope = dict[str, Bound]


class _Surveyor:
    def __init__(self, text: str, names: Vocabulary, sizes: Sizes) -> None:
        self.text = text
        self.names = names
        self.sizes = sizes
        self.found = Survey()
        self.shapes: dict[int, list[Shape]] = {}
        """Of each way, by its id: what each of its steps is taken from."""

    def value(self, node: Node, scope: _Scope) -> Bound:
        """The bounds upon a value, its cost being added."""
        self.found.cost += 1
        match node:
            case Name():
                return self.used(self.variable(node, scope))
            case Way():
                return self.way(node, scope)
            case Call():
                return self.call(node, scope)
            case Items(items):
                return self.copied([self.value(item, scope) for item in items], len(items))
            case Chain(items, operators):
                return self.chain([self.value(item, scope) for item in items], operators)
            case Choice(condition, yes, no):
                self.value(condition, scope)
                return self.joined([self.value(yes, scope), self.value(no, scope)], 0)
        return Bound(kilobytes=1 + len(node.text) // 1_000)

    def variable(self, node: Name, scope: _Scope) -> Bound:
        if node.name in scope:
            return scope[node.name]
        shape = self.names.variables.get(node.name)
        if shape is not None:
            return self.data(shape, () if node.name == "agent" else None)
        if node.name in TYPES:
            return Bound()
        known = [*scope, *self.names.variables]
        hint = did_you_mean(node.name, known) or f"the names are {' and '.join(self.names.variables)}"
        raise Misnamed(f"there is no '{node.name}'", node.start, len(node.name), hint)

    def data(self, shape: Shape, path: KeyPath | None) -> Bound:
        """The bounds upon what comes from the agent."""
        if path:
            self.read(path)
            self.found.is_open |= shape.is_open
        sizes = self.sizes
        kilobytes = 1 + sizes.text_bytes // 1_000
        if shape.is_single:
            return Bound(shape, 1, 1, kilobytes, path)
        return Bound(shape, sizes.items, values_of(shape, sizes), kilobytes, path)

    def read(self, path: KeyPath) -> None:
        """The longest ways only: `llm.model`, and not `llm` for it."""
        if self.found.reads and path[:-1] == self.found.reads[-1]:
            self.found.reads.pop()
        if path not in self.found.reads:
            self.found.reads.append(path)

    def used(self, value: Bound) -> Bound:
        """A value that counts as a whole."""
        if value.path:
            self.found.uses.append(value.path)
        self.found.takes_whole |= value.path == ()
        return value

    def way(self, node: Way, scope: _Scope) -> Bound:
        value = self.variable(node.root, scope) if isinstance(node.root, Name) else self.value(node.root, scope)
        shapes = self.shapes[id(node)] = []
        for step in node.steps:
            self.found.cost += 1
            shapes.append(value.shape)
            match step:
                case Field():
                    value = self.field(value, step)
                case Index(inner):
                    value = self.index(value, inner, scope)
                case Method():
                    value = self.method(value, step, scope)
            self.found.cost += value.weight  # the engine copies what it takes out
        return self.used(value)

    def field(self, value: Bound, step: Field) -> Bound:
        shape = value.shape
        if shape.fields is not None:
            if step.name not in shape.fields:
                raise self.unknown_field(value, step)
            return self.below(value, shape.fields[step.name], step.name)
        if shape.item is not None and not shape.keyed:
            message = f"a list has no '{step.name}'"
            raise Misnamed(message, step.start, len(step.name), f"write .exists(x, x.{step.name} == ...), or .all(...)")
        return self.below(value, shape.item or OPEN, step.name)

    def below(self, value: Bound, shape: Shape, name: str) -> Bound:
        if value.path is None:
            return replace(value, shape=shape)
        return self.data(shape, (*value.path, name))

    def unknown_field(self, value: Bound, step: Field) -> Misnamed:
        known = value.shape.fields or {}
        of = "agent" if value.path == () else ".".join(map(str, value.path or ("it",)))
        hint = did_you_mean(step.name, known) or f"it has {', '.join(sorted(known))}"
        return Misnamed(f"{of} has no '{step.name}'", step.start, len(step.name), hint)

    def index(self, value: Bound, inner: Node, scope: _Scope) -> Bound:
        self.value(inner, scope)
        if value.shape.fields is not None and isinstance(inner, Literal) and inner.text[:1] in {"'", '"'}:
            return self.field(value, Field(inner.text[1:-1], inner.start))
        return self.item(value)

    def item(self, value: Bound) -> Bound:
        """An item of a list, or of what may be one."""
        shape = value.shape.item or OPEN
        if value.shape.fields is not None and value.path is not None:
            self.found.is_open = True  # by a name that is computed
            self.used(value)
        if value.shape.item is None:
            return replace(value, shape=shape)
        return replace(value, shape=shape, values=min(value.values, values_of(shape, self.sizes)))

    def method(self, value: Bound, step: Method, scope: _Scope) -> Bound:
        if step.name in MACROS:
            return self.macro(value, step, scope)
        if step.name not in METHODS:
            hint = did_you_mean(step.name, METHODS | MACROS) or f"there are {', '.join(sorted(METHODS | MACROS))}"
            raise Misnamed(f"there is no function '{step.name}'", step.start, len(step.name), hint)
        self.used(value)
        arguments = [self.value(argument, scope) for argument in step.arguments]
        self.found.cost += sum(each.kilobytes for each in (value, *arguments)) // 4
        if step.name == "matches":
            self.found.cost += self.pattern(step, value.kilobytes)
        return Bound(Shape())

    def pattern(self, step: Method, kilobytes: int) -> int:
        """A pattern is compiled at each call: it must stand there as text, so that its size is known."""
        argument = step.arguments[0] if step.arguments else None
        if not isinstance(argument, Literal):
            hint = "write it as a text in quotes"
            raise Misnamed("a pattern of matches must not be computed", step.start, len(step.name), hint)
        return patterns.cost(argument.text, kilobytes)

    def macro(self, value: Bound, step: Method, scope: _Scope) -> Bound:
        """The body counts once for each item; `map` and `filter` copy what they have so far at each."""
        name = step.arguments[0] if step.arguments else None
        if not isinstance(name, Name):
            return Bound()  # the engine has refused it
        item = self.entry_of(value)
        if value.path and value.shape.item is not None:
            self.found.ranges.append(value.path)
        else:
            self.used(value)
        before = self.found.cost
        bodies = [self.value(body, {**scope, name.name: item}) for body in step.arguments[1:]]
        self.found.cost = before + value.items * (1 + item.weight + self.found.cost - before)
        if step.name not in _COPYING:
            return Bound(Shape())
        kept = bodies[-1] if step.name == "map" and bodies else item
        self.found.cost += value.items**2 * (1 + kept.weight)
        return replace(self.joined([kept], value.items), values=1 + value.items * kept.values)

    def entry_of(self, value: Bound) -> Bound:
        """What a macro hands to its body: an item of a list, a key of a mapping."""
        if value.shape.keyed or value.shape.fields is not None:
            return replace(value, shape=Shape(), items=1, values=1, path=None)
        return self.item(value)

    def call(self, node: Call, scope: _Scope) -> Bound:
        if node.name not in FUNCTIONS:
            hint = did_you_mean(node.name, FUNCTIONS)
            if node.name in METHODS | MACROS:
                hint = f"write it behind the value: value.{node.name}(...)"
            raise Misnamed(f"there is no function '{node.name}'", node.start, len(node.name), hint)
        values = [self.value(argument, scope) for argument in node.arguments]
        self.found.cost += sum(value.kilobytes for value in values) // 4
        if node.name == "has" and len(values) == 1 and isinstance(node.arguments[0], Way):
            self.asks_for(node, node.arguments[0], values[0])
        return self.joined(values, 0) if node.name in {"dyn", "string", "bytes"} else Bound(Shape())

    def asks_for(self, node: Call, way: Way, value: Bound) -> None:
        """Every key of the format is there, with null where nobody set it; `has` is meant to tell those apart.

        It also holds for a key of what is null itself, as for the messages that CEL was made for.
        """
        if value.path is None or not all(isinstance(step, Field) for step in way.steps):
            return
        texts = [self.text[way.start : end] for end in way.ends]
        asked = [
            f"{text} != null" if shape.fields is not None else f"has({text})"
            for text, shape in zip(texts, self.shapes[id(way)], strict=True)
        ]
        self.found.presence.append((node.start, node.end, f"({' && '.join(asked)})"))

    def chain(self, values: list[Bound], operators: tuple[str, ...]) -> Bound:
        """What is equal is compared to its end; what is added is copied; texts are compared and copied whole."""
        self.found.cost += sum(value.kilobytes for value in values) // 8
        if not _ADDING.isdisjoint(operators):
            whole = self.copied(values, 0)
            kilobytes = sum(value.kilobytes for value in values)
            return replace(whole, items=sum(value.items for value in values), kilobytes=kilobytes)
        for operator, left, right in zip(operators, values, values[1:], strict=False):
            if operator in {"==", "!="}:
                self.found.cost += min(left.weight, right.weight)
            elif operator == "in":
                self.found.cost += right.weight
        return Bound(Shape())

    def copied(self, values: list[Bound], count: int) -> Bound:
        self.found.cost += sum(value.weight for value in values)
        return self.joined(values, count)

    def joined(self, values: Iterable[Bound], count: int) -> Bound:
        """The bounds upon what is made of some values."""
        values = list(values)
        items = max((value.items for value in values), default=0)
        kilobytes = max((value.kilobytes for value in values), default=1)
        return Bound(OPEN, max(count, items), 1 + sum(value.values for value in values), kilobytes)
