"""A graph of nodes to plain values, and all that the format refuses on the way."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any, Final, NamedTuple

from agentconf import codes
from agentconf.diagnostic import Rule
from agentconf.document.composer import DEPTH_LIMIT, Composed, MappingNode, Node, ScalarNode, SequenceNode
from agentconf.document.scalars import NOT_A_STRING, value_of
from agentconf.keypath import KeyPath

ALIAS_BUDGET: Final = 10_000
"""How many values all aliases of a file may add up to."""

_SCALAR: Final[Any] = ScalarNode  # compared with, so that the type checker does not take `tag` for PyYAML's
_LEXICON_SIZE: Final = 10_000
_WORD_LENGTH: Final = 32
_WORTH_A_SEARCH: Final = 100
_LONE_TAG: Final = re.compile(r"(?:&\S+\s+)?!\s")


NOTED_KEYS: Final = frozenset(
    ("api_base", "api_key", "api_version", "extra", "extra_headers", "instructions_file", "params")
)
"""Keys under which later stages look for more than the schemas do; a document without them is spared the look."""

SWITCHED_OFF: Final = "x-"


class Fault(NamedTuple):
    """Something that the format refuses, at a node."""

    rule: Rule
    message: str
    hint: str
    node: Node
    first: Node | None = None


class Lexicon:
    """Plain keys and scalars met before, with what they mean. Shared between documents, it saves time and memory."""

    __slots__ = ("keys", "scalars")

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.scalars: dict[str, Any] = {}


class Builder:
    """Builds the values of one document; afterwards `faults` holds what is refused.

    `has_null` and `noted` (the noted keys met, and `x-` for one that is switched off) save later stages work.
    """

    __slots__ = ("_depth", "_plain", "_sound", "faults", "has_null", "noted")

    def __init__(self, lexicon: Lexicon) -> None:
        self.faults: list[Fault] = []
        self.has_null = False
        self._depth = 0
        self.noted: set[str] = set()
        self._sound = lexicon.keys
        self._plain = lexicon.scalars

    def build(self, node: Composed) -> Any:
        """The value of a node: dict, list, str, int, float, bool or None."""
        kind = node.__class__
        if kind is ScalarNode:
            return self._scalar(node)
        if node.tag.__class__ is str:
            self._refuse_tag(node)
        if self._depth >= DEPTH_LIMIT:
            self._refuse(
                codes.DEEP_NESTING, f"values are nested deeper than {DEPTH_LIMIT} levels", "flatten this", node
            )
            return None
        self._depth += 1
        value = self._mapping(node) if kind is MappingNode else [self.build(item) for item in node.value]
        self._depth -= 1
        return value

    def _scalar(self, node: Composed) -> Any:
        text = node.value
        tag = node.tag
        if tag.__class__ is str:
            self._refuse_tag(node)
        elif tag[0]:
            if text[:1] not in NOT_A_STRING:
                return text
            return self._plain[text] if text in self._plain else self._met_first(node, text)
        elif not node.style:  # "!" with nothing behind: neither plain nor quoted
            self._refuse_tag(node)
        return text

    def refuse_unsaid(self, root: Node, text: str) -> None:
        """What libyaml passes over in silence: `! text` is a tag too; `{?text: 1}` has the key `?text` in YAML 1.2."""
        met: set[int] = set()
        ahead = [root]
        while ahead:
            node = ahead.pop()
            start = node.start_mark.index
            if start not in met and node.tag.__class__ is not str and node.value and _LONE_TAG.match(text, start):
                self._refuse_tag(node)
                met.add(start)  # a mapping begins where its first key does
            elif start and text[start - 1] == "?":
                self._refuse(codes.SYNTAX_ERROR, "this text begins with '?'", "put it in quotes, the '?' too", node)
            ahead.extend(_children(node))

    def _met_first(self, node: Composed, text: str) -> Any:
        """The value of a plain scalar that is not in the lexicon yet."""
        value = value_of(text)
        if value is None:
            self.has_null = True
            if not text:
                hint = "write null to clear what is inherited, or delete the line"
                self._refuse(codes.EMPTY_VALUE, "nothing stands here", hint, node)
        elif value.__class__ is float and not isfinite(value):
            self._refuse(codes.NON_FINITE_NUMBER, "this is not a finite number", "write a number", node)
        elif len(self._plain) < _LEXICON_SIZE and len(text) < _WORD_LENGTH:
            self._plain[text] = value
        return value

    def _mapping(self, node: Composed) -> dict[str, Any]:
        out: dict[str, Any] = {}
        sound, plain = self._sound, self._plain
        for key_node, value_node in node.value:
            key = sound.get(key_node.value) if key_node.__class__ is ScalarNode else None
            if key is None or key in out or key_node.tag[0] is not True:
                if not self._is_sound(key_node, node, out):
                    continue
                key = key_node.value
            # plain text, and scalars met before, need no call: these are nearly all
            if value_node.__class__ is not _SCALAR:
                out[key] = self.build(value_node)
            elif value_node.tag[0] is not True:
                out[key] = self._scalar(value_node)
            elif (text := value_node.value)[:1] not in NOT_A_STRING:
                out[key] = text
            else:
                out[key] = plain[text] if text in plain else self._met_first(value_node, text)
        return out

    def _is_sound(self, key_node: Composed, mapping: Composed, seen: dict[str, Any]) -> bool:
        """Whether a key that was not met before may stand; says why where it may not."""
        if key_node.__class__ is not ScalarNode:
            self._refuse(codes.NON_STRING_KEY, "this key is not a string", "write the key as plain text", key_node)
            return False
        key = key_node.value
        if key_node.tag.__class__ is str:
            self._refuse_tag(key_node)
        elif key_node.tag[0] and not self._plain_key(key_node, key):
            return False
        if key in seen:
            first = self._first(mapping, key)
            self._refuse(codes.DUPLICATE_KEY, f"'{key[:64]}' stands here twice", "keep one of the two", key_node, first)
            return False
        if key in NOTED_KEYS or key.startswith(SWITCHED_OFF):
            self.noted.add(key if key in NOTED_KEYS else SWITCHED_OFF)
        return True

    def _first(self, mapping: Composed, key: str) -> Node | None:
        """The key that stands first; not looked for any more where a file holds nothing but mistakes."""
        if len(self.faults) > _WORTH_A_SEARCH:
            return None
        found: Node = next(node for node, _ in mapping.value if node.value == key)
        return found

    def _plain_key(self, node: Composed, key: str) -> bool:
        if key == "<<":
            hint = "write the keys out, or use a profile: extends: NAME"
            self._refuse(codes.MERGE_KEY, "merge keys are not allowed", hint, node)
        elif not key or value_of(key).__class__ is not str:
            self._refuse_key(node)
        else:
            if len(self._sound) < _LEXICON_SIZE and key not in NOTED_KEYS and not key.startswith(SWITCHED_OFF):
                self._sound[key] = key
            return True
        return False

    def _refuse_key(self, node: Composed) -> None:
        text = node.value
        hint = f'write it in quotes: "{text}"' if text else "write the key as text"
        self._refuse(codes.NON_STRING_KEY, f"the key {text[:64] or '(nothing)'} is not a string", hint, node)

    def _refuse_tag(self, node: Composed) -> None:
        tag = node.tag if node.tag.__class__ is str else "!"
        hint = "delete it; values are read by the YAML 1.2 core schema"
        self._refuse(codes.TAG, f"the tag {_short(tag)} is not allowed", hint, node)

    def _refuse(self, rule: Rule, message: str, hint: str, node: Node, first: Node | None = None) -> None:
        self.faults.append(Fault(rule, message, hint, node, first))


def _short(tag: str) -> str:
    tag = tag.replace("tag:yaml.org,2002:", "!!")
    return tag if len(tag) <= 64 else tag[:60] + "..."


def paths_of(wanted: list[Node], root: Node) -> list[KeyPath]:
    """The ways from the root to some nodes, keys or values, in one walk."""
    missing = {id(node) for node in wanted}
    found: dict[int, KeyPath] = {}
    ahead: list[tuple[Node, KeyPath]] = [(root, ())]
    while ahead and len(found) < len(missing):
        node, path = ahead.pop()
        if id(node) in missing:
            found.setdefault(id(node), path)
        if node.__class__ is MappingNode:
            for key, value in node.value:
                below = (*path, str(key.value) if key.__class__ is ScalarNode else "?")
                if id(key) in missing:
                    found.setdefault(id(key), below)
                ahead.append((value, below))
        elif node.__class__ is SequenceNode:
            ahead.extend((item, (*path, index)) for index, item in enumerate(node.value))
    return [found.get(id(node), ()) for node in wanted]


class Overgrown(Exception):
    """Aliases that add up to more than the budget, nest too deep or contain themselves; `node` is where it shows."""

    def __init__(self, node: Node) -> None:
        self.node = node
        super().__init__()


def weigh(root: Node) -> None:
    """Raises Overgrown where the aliases of a document go beyond the budget. Linear in the size of the text."""
    _Scales().weigh(root)


class _Scales:
    """Weighs nodes without expanding them. A value weighs one, and a long text one more for each 64 characters."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, int]] = {}
        self._opened: set[int] = set()
        self._written = 0

    def weigh(self, node: Node) -> tuple[int, int]:
        """What a node and all in it weigh once expanded, and how deep they nest."""
        if id(node) in self._opened:
            raise Overgrown(node)
        if id(node) not in self._known:
            own = 1 + (len(node.value) // 64 if node.__class__ is ScalarNode else 0)
            self._written += own
            self._opened.add(id(node))
            inner = [self.weigh(child) for child in _children(node)]
            self._opened.discard(id(node))
            weight = own + sum(size for size, _ in inner)
            depth = 1 + max((depth for _, depth in inner), default=0)
            if weight - self._written > ALIAS_BUDGET or depth > DEPTH_LIMIT + 1:
                raise Overgrown(node)
            self._known[id(node)] = (weight, depth)
        return self._known[id(node)]


def _children(node: Node) -> list[Node]:
    if node.__class__ is MappingNode:
        return [child for pair in node.value for child in pair]
    return node.value if node.__class__ is SequenceNode else []
