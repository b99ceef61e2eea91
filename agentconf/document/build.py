"""A graph of nodes to plain values, and all that the format refuses on the way."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from agentconf import codes
from agentconf.diagnostic import Rule
from agentconf.document.composer import DEPTH_LIMIT, MappingNode, Node, ScalarNode, SequenceNode
from agentconf.document.scalars import NOT_A_STRING, value_of
from agentconf.keypath import KeyPath

ALIAS_BUDGET: Final = 10_000
"""How many values all aliases of a file may add up to."""

_SOUND_KEYS: Final = 10_000
_INFINITE: Final = frozenset((float("inf"), float("-inf")))


class Fault(NamedTuple):
    """Something that the format refuses, at a node."""

    rule: Rule
    message: str
    hint: str
    node: Node
    path: KeyPath
    first: Node | None = None


class Builder:
    """Builds the values of one document; afterwards `faults` holds what is refused, and `has_null` is known."""

    __slots__ = ("_path", "_sound", "faults", "has_null")

    def __init__(self, sound_keys: dict[str, str]) -> None:
        """`sound_keys` holds plain keys known to be strings; shared between documents, it saves time and memory."""
        self.faults: list[Fault] = []
        self.has_null = False
        self._sound = sound_keys
        self._path: list[str | int] = []

    def build(self, node: Node) -> Any:
        """The value of a node: dict, list, str, int, float, bool or None."""
        kind = node.__class__
        if kind is ScalarNode:
            return self._scalar(node)
        if node.tag.__class__ is str:
            self._refuse_tag(node)
        return self._mapping(node) if kind is MappingNode else self._sequence(node)

    def _scalar(self, node: ScalarNode) -> Any:
        text = node.value
        tag = node.tag
        if tag.__class__ is str:
            self._refuse_tag(node)
        elif tag[0]:
            if text and text[0] not in NOT_A_STRING:
                return text
            return self._plain(node, text)
        elif not node.style:  # "! text": neither plain nor quoted
            self._refuse_tag(node)
        return text

    def _plain(self, node: ScalarNode, text: str) -> Any:
        value = value_of(text)
        if value is None:
            self.has_null = True
            if not text:
                self._refuse(codes.EMPTY_VALUE, "nothing stands here", "write null to clear what is inherited, or delete the line", node)
        elif value.__class__ is float and (value in _INFINITE or value != value):
            self._refuse(codes.NON_FINITE_NUMBER, f"{text[:20]} is not a finite number", "write a number", node)
        return value

    def _sequence(self, node: SequenceNode) -> list[Any]:
        items = []
        for index, item in enumerate(node.value):
            self._path.append(index)
            items.append(self.build(item))
            self._path.pop()
        return items

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        out: dict[str, Any] = {}
        sound, path = self._sound, self._path
        for key_node, value_node in node.value:
            key = key_node.value if key_node.__class__ is ScalarNode else ""
            key = sound.get(key, key)
            if key not in sound or key in out or key_node.tag[0] is not True:
                if not self._is_sound(key_node, node, out):
                    continue
            path.append(key)
            if value_node.__class__ is ScalarNode:
                out[key] = self._scalar(value_node)
            else:
                out[key] = self.build(value_node)
            path.pop()
        return out

    def _is_sound(self, key_node: Node, mapping: MappingNode, seen: dict[str, Any]) -> bool:
        """Whether a key that was not met before may stand; says why where it may not."""
        if key_node.__class__ is not ScalarNode:
            self._refuse(codes.NON_STRING_KEY, "this key is not a string", "write the key as plain text", key_node)
            return False
        key = key_node.value
        if key_node.tag.__class__ is str:
            self._refuse_tag(key_node)
        elif key_node.tag[0]:
            if not self._plain_key(key_node, key):
                return False
        if key in seen:
            first = next(node for node, _ in mapping.value if node.value == key)
            self._refuse(codes.DUPLICATE_KEY, f"'{key[:64]}' stands here twice", "keep one of the two", key_node, first)
            return False
        return True

    def _plain_key(self, node: ScalarNode, key: str) -> bool:
        if key == "<<":
            hint = "write the keys out, or use a profile: extends: NAME"
            self._refuse(codes.MERGE_KEY, "merge keys are not allowed", hint, node)
        elif not key or value_of(key).__class__ is not str:
            self._refuse_key(node)
        else:
            if len(self._sound) < _SOUND_KEYS:
                self._sound[key] = key
            return True
        return False

    def _refuse_key(self, node: ScalarNode) -> None:
        text = node.value
        hint = f'write it in quotes: "{text}"' if text else "write the key as text"
        self._refuse(codes.NON_STRING_KEY, f"the key {text[:64] or '(nothing)'} is not a string", hint, node)

    def _refuse_tag(self, node: Node) -> None:
        tag = node.tag if node.tag.__class__ is str else "!"
        hint = "delete it; values are read by the YAML 1.2 core schema"
        self._refuse(codes.TAG, f"the tag {_short(tag)} is not allowed", hint, node)

    def _refuse(self, rule: Rule, message: str, hint: str, node: Node, first: Node | None = None) -> None:
        self.faults.append(Fault(rule, message, hint, node, tuple(self._path), first))


def _short(tag: str) -> str:
    tag = tag.replace("tag:yaml.org,2002:", "!!")
    return tag if len(tag) <= 64 else tag[:60] + "..."


class Overgrown(Exception):
    """Aliases that add up to more than the budget, nest too deep or contain themselves; `node` is where it shows."""

    def __init__(self, node: Node) -> None:
        self.node = node
        super().__init__()


def weigh(root: Node) -> None:
    """Raises Overgrown where the aliases of a document go beyond the budget. Linear in the size of the text."""
    _weigh(root, {}, set())


def _weigh(node: Node, known: dict[int, tuple[int, int]], opened: set[int]) -> tuple[int, int]:
    """How many values a node expands to and how deep they nest, without expanding it."""
    if id(node) in opened:
        raise Overgrown(node)
    if id(node) not in known:
        opened.add(id(node))
        sizes = [_weigh(child, known, opened) for child in _children(node)]
        opened.discard(id(node))
        count = 1 + sum(size for size, _ in sizes)
        depth = 1 + max((depth for _, depth in sizes), default=0)
        if count - len(known) > ALIAS_BUDGET or depth > DEPTH_LIMIT + 1:
            raise Overgrown(node)
        known[id(node)] = (count, depth)
    return known[id(node)]


def _children(node: Node) -> list[Node]:
    if node.__class__ is MappingNode:
        return [child for pair in node.value for child in pair]
    return node.value if node.__class__ is SequenceNode else []
