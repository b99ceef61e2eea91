"""The organisation's own schema for `metadata`: compiled, bounded and asked; a second door to jsonschema-rs.

It fetches nothing: whatever a reference names outside of the file is refused. Patterns run on a linear engine, and
what references multiply is counted before anything runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

from agentconf.document.build import Lexicon
from agentconf.document.document import Document
from agentconf.document.parse import parse
from agentconf.keypath import KeyPath, look_up, render
from agentconf.suggest import did_you_mean

SCHEMA_DEPTH_LIMIT: Final = 64
SCHEMA_VALUES_LIMIT: Final = 10_000
METADATA_DEPTH_LIMIT: Final = 16
METADATA_TEXT_LIMIT: Final = 64 << 10
VISITS_LIMIT: Final = 1_000_000
"""How many parts of the schema may be asked of one agent: a tenth of a second."""
_PATTERN_BYTES: Final = 1 << 20


class NotASchema(Exception):
    """The file is no schema that can be used. `path`: which part of it is wrong."""

    def __init__(self, said: str, path: KeyPath = (), hint: str | None = None) -> None:
        self.said = said
        self.path = path
        self.hint = hint
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the schema has against some metadata. `path` lies below `metadata`; `is_key`: it is about the key itself."""

    path: KeyPath
    said: str
    hint: str | None = None
    is_key: bool = False


class MetadataSchema:
    """A compiled schema. Raises NotASchema where the bytes are none."""

    def __init__(self, data: bytes) -> None:
        self._value = _loaded(data)
        _require_own_references(self._value)
        self._validator = _compiled(self._value)
        self._visits = _Visits(self._value)
        self._limits: dict[int, int] = {}
        if self.visits(1) > VISITS_LIMIT:
            raise NotASchema(
                "its references multiply so often that it cannot be applied", hint="refer to less, or once"
            )

    def visits(self, depth: int) -> int:
        """How many parts of the schema are asked of metadata nested so deep, along one way down, at most."""
        if depth not in self._limits:
            try:
                self._limits[depth] = self._visits.of((), depth)
            except RecursionError:  # a chain of a thousand references
                self._limits[depth] = VISITS_LIMIT + 1
        return self._limits[depth]

    def accepts(self, metadata: Any) -> bool:
        """The quick way, for the many that it does. What would take too long is not accepted."""
        return not self._is_beyond(metadata) and bool(self._validator.is_valid(metadata))

    def refusals(self, metadata: Any) -> Iterator[Refusal]:
        """Everything that the schema has against some metadata."""
        if self._is_beyond(metadata):
            yield Refusal((), "metadata is too large, or too deep, for its schema to be applied", "make it smaller")
            return
        for error in self._validator.iter_errors(metadata):
            yield from self._refusals(error)

    def _is_beyond(self, metadata: Any) -> bool:
        depth, count, text = _extent(metadata)
        if depth > METADATA_DEPTH_LIMIT or text > METADATA_TEXT_LIMIT:
            return True
        return self.visits(depth) * count > VISITS_LIMIT

    def _refusals(self, error: jsonschema_rs.ValidationError) -> Iterator[Refusal]:
        path: KeyPath = tuple(error.instance_path)
        where = render(("metadata", *path))
        kind, value = error.kind.name, getattr(error.kind, "value", None)
        if kind == "required":
            yield Refusal(path, f"{where} lacks '{str(value)[:64]}'", f"add {str(value)[:64]}: ...")
        elif kind in {"additionalProperties", "unevaluatedProperties"} and isinstance(value, list):
            known = look_up(self._value, (*tuple(error.schema_path)[:-1], "properties"))
            for key in value:
                hint = did_you_mean(str(key), known if isinstance(known, dict) else ())
                yield Refusal((*path, str(key)), f"unknown key '{str(key)[:64]}' under {where}", hint, is_key=True)
        else:
            yield Refusal(path, f"{where} {_said(kind, value)}", _description(self._value, tuple(error.schema_path)))


def document_of(data: bytes, file: str) -> Document | None:
    """The schema's file as a document, where it can be read as one: JSON is YAML, but for a few accidents."""
    document = parse(file, file, data, Lexicon())
    return document if document.is_readable else None


_SAID: Final = {
    "type": "must be {}",
    "enum": "must be one of {}",
    "const": "must be {}",
    "pattern": "does not match the pattern {}",
    "format": "is not in the format {}",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "minProperties": "must have at least {} keys",
    "maxProperties": "must have at most {} keys",
    "uniqueItems": "holds an item twice",
    "anyOf": "fits none of what the schema allows",
    "oneOf": "must fit exactly one of what the schema allows",
}
_QUOTED_LENGTH: Final = 120


def _said(kind: str, value: Any) -> str:
    """What a keyword asks for. Only the schema is quoted, never the value."""
    quoted = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    shortened = quoted if len(quoted) <= _QUOTED_LENGTH else quoted[:_QUOTED_LENGTH] + "..."
    return _SAID.get(kind, "is not as the schema wants it").format(shortened)


def _description(schema: Any, path: KeyPath) -> str | None:
    said = look_up(schema, (*path[:-1], "description"))
    return said[:_QUOTED_LENGTH] if isinstance(said, str) else None


def _loaded(data: bytes) -> Any:
    try:
        value = json.loads(data)
    except UnicodeDecodeError:
        raise NotASchema("this is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise NotASchema(f"this is not JSON: {error.msg} in line {error.lineno}") from None
    except (RecursionError, ValueError):  # numbers of thousands of digits
        raise NotASchema("this is nested deeper, or holds longer numbers, than any schema") from None
    depth, count, _ = _extent(value)
    if depth > SCHEMA_DEPTH_LIMIT or count > SCHEMA_VALUES_LIMIT:
        limits = f"{SCHEMA_DEPTH_LIMIT} levels or {SCHEMA_VALUES_LIMIT:,} values"
        raise NotASchema(f"this is nested deeper, or holds more, than {limits}")
    return value


def _require_own_references(schema: Any) -> None:
    """Raises NotASchema where something names what is not in the file, or names so that it cannot be followed."""
    for path, value in _walk(schema):
        key = path[-1] if path else None
        if key == "$ref" and isinstance(value, str) and value != "#" and not value.startswith("#/"):
            hint = "put it into this file, under $defs, and write #/$defs/NAME"
            raise NotASchema("a reference leads out of this file; nothing is fetched", path, hint)
        if key in {"$dynamicRef", "$recursiveRef"} or (key == "$id" and len(path) > 1 and isinstance(value, str)):
            raise NotASchema(f"{key} is not followed here", path, "write $ref: #/$defs/NAME")


def _compiled(schema: Any) -> jsonschema_rs.Validator:
    options = jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES)
    try:
        return jsonschema_rs.validator_for(schema, offline=True, validate_formats=True, pattern_options=options)
    except jsonschema_rs.ValidationError as error:
        path = tuple(error.instance_path)
        said = f"{render(path)} is not as JSON Schema wants it" if path else error.message
        if error.message.endswith('is not a "regex"'):
            raise NotASchema(
                "this is no regular expression that is run here", path, "do without (?=, (?! and \\1"
            ) from None
        raise NotASchema(f"this is no JSON Schema: {said[:_QUOTED_LENGTH]}", path) from None
    except (ValueError, RecursionError):
        raise NotASchema("this is no JSON Schema that can be applied") from None


def _extent(value: Any) -> tuple[int, int, int]:
    """How deep a value is nested, how many values it holds, and how many characters of text."""
    depth = count = text = 0
    ahead = [(value, 0)]
    while ahead:
        below, level = ahead.pop()
        count += 1
        depth = max(depth, level)
        if isinstance(below, str):
            text += len(below)
        elif isinstance(below, dict):
            text += sum(map(len, below))
            ahead.extend((item, level + 1) for item in below.values())
        elif isinstance(below, list | tuple):
            ahead.extend((item, level + 1) for item in below)
    return depth, count, text


def _walk(value: Any) -> Iterator[tuple[KeyPath, Any]]:
    ahead: list[tuple[KeyPath, Any]] = [((), value)]
    while ahead:
        path, below = ahead.pop()
        yield path, below
        if isinstance(below, dict):
            ahead.extend(((*path, key), item) for key, item in below.items())
        elif isinstance(below, list):
            ahead.extend(((*path, index), item) for index, item in enumerate(below))


_DESCENDING: Final = frozenset(
    ("properties", "patternProperties", "additionalProperties", "items", "prefixItems", "contains",
     "unevaluatedProperties", "unevaluatedItems", "additionalItems")
)  # fmt: skip
"""Keywords whose schemas are asked of what lies in a value; all others are asked of the value itself."""
_NOT_ASKED: Final = frozenset(("$defs", "definitions", "enum", "const", "default", "examples", "required"))


class _Visits:
    """Counts how many parts of a schema may be asked, references followed, each result kept."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._known: dict[tuple[KeyPath, int], int] = {}

    def of(self, path: KeyPath, depth: int) -> int:
        """At a place in the schema, for values nested so deep.

        A reference in a circle that leads no deeper into the value counts as beyond all limits.
        """
        key = (path, depth)
        if key in self._known:
            return self._known[key]
        self._known[key] = VISITS_LIMIT + 1  # while it is being counted: found again, it is a circle
        self._known[key] = count = min(1 + sum(self._below(path, depth)), VISITS_LIMIT + 1)
        return count

    def _below(self, path: KeyPath, depth: int) -> Iterator[int]:
        node = look_up(self._schema, path)
        if isinstance(node, list):
            yield from (self.of((*path, index), depth) for index in range(len(node)))
        if not isinstance(node, dict):
            return
        for name, said in node.items():
            if name == "$ref" and isinstance(said, str):
                yield self.of(_target(said), depth)
            elif name in _DESCENDING and depth > 0:
                yield from self._children((*path, name), said, depth - 1)
            elif isinstance(said, dict | list) and name not in _NOT_ASKED and name not in _DESCENDING:
                yield from self._children((*path, name), said, depth)

    def _children(self, path: KeyPath, said: Any, depth: int) -> Iterator[int]:
        """A keyword holds one schema, a list of them, or a mapping of names to them."""
        is_mapping = path[-1] in {"properties", "patternProperties", "dependentSchemas", "dependencies"}
        if is_mapping and isinstance(said, dict):
            yield from (self.of((*path, name), depth) for name in said)
        else:
            yield self.of(path, depth)


def _target(reference: str) -> KeyPath:
    """Where `#/$defs/name` leads, as a path."""
    steps = reference.removeprefix("#").split("/")[1:]
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
