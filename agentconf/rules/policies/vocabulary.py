"""The names that policies may use: `agent`, with every key of the format and what else it has, and `environment`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from agentconf.config import shape

_WRITTEN_ONLY: Final = frozenset(("extends", "instructions_file", "environments"))
_LISTS: Final = frozenset(("tags", "delegates", "fallbacks", "capabilities"))
_MAPPINGS: Final = frozenset(("variants", "metadata"))
_ALWAYS: Final = frozenset(("agent", "llm"))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value is like. `fields`: a mapping with these keys and no others; `item`: a list of, or, where it is

    `keyed`, a mapping from names to such. Neither: a single value, or, where `is_open`, anything. `sample` stands in
    for a single value when policies are tried.
    """

    fields: Mapping[str, Shape] | None = None
    item: Shape | None = None
    keyed: bool = False
    is_open: bool = False
    nullable: bool = False
    sample: Any = None

    @property
    def is_single(self) -> bool:
        return self.fields is None and self.item is None and not self.is_open


OPEN: Final = Shape(is_open=True, nullable=True)
TEXT: Final = Shape(sample="x", nullable=True)
NUMBER: Final = Shape(sample=1.0, nullable=True)
WHOLE: Final = Shape(sample=1, nullable=True)
TRUTH: Final = Shape(sample=True)
_TEXTS: Final = Shape(item=Shape(sample="x"))

PRICE_KEYS: Final = ("input_per_million", "output_per_million", "cached_input_per_million")
_PRICE: Final = Shape(fields=dict.fromkeys(PRICE_KEYS, NUMBER), nullable=True)
MODEL: Final = Shape(
    fields={
        "model": Shape(sample="openai/x"), "provider": Shape(sample="openai"), "type": TEXT, "region": TEXT,
        "is_fallback": TRUTH, "variant": TEXT, "price": _PRICE, "capabilities": _TEXTS, "mode": TEXT,
        "max_input_tokens": WHOLE, "max_output_tokens": WHOLE, "retires": TEXT, "successor": TEXT,
    }
)  # fmt: skip
"""One of `agent.models`. `price` and the facts are null where they are unknown."""
CONNECTION: Final = Shape(
    fields={
        "name": Shape(sample="openai"), "type": TEXT, "region": TEXT, "api_base": TEXT, "api_version": TEXT,
        "organization": TEXT, "credentials": TEXT, "has_api_key": TRUTH,
    }
)  # fmt: skip
"""One of `agent.providers`."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The shape of each variable, and a sample of each, with every optional value set."""

    variables: dict[str, Shape] = field(default_factory=dict)

    @property
    def samples(self) -> dict[str, Any]:
        return {name: sample_of(shape) for name, shape in self.variables.items()}


@cache
def vocabulary() -> Vocabulary:
    """The names of the format as this program knows it."""
    return Vocabulary({"agent": _agent(), "environment": TEXT})


def sample_of(shape: Shape) -> Any:
    if shape.fields is not None:
        return {name: sample_of(below) for name, below in shape.fields.items()}
    if shape.item is not None:
        return {"x": sample_of(shape.item)} if shape.keyed else [sample_of(shape.item)]
    return {} if shape.is_open else shape.sample


def _agent() -> Shape:
    schema = shape.schema("agent")
    fields = _fields(schema, schema["properties"])
    for name in _WRITTEN_ONLY:
        del fields[name]
    fields |= {
        "id": Shape(sample="x"), "environment": TEXT, "file": Shape(sample="x"),
        "models": Shape(item=MODEL), "providers": Shape(item=CONNECTION),
    }  # fmt: skip
    return Shape(fields=fields)


def _fields(schema: dict[str, Any], properties: dict[str, Any]) -> dict[str, Shape]:
    return {name: _shape(schema, name, said) for name, said in properties.items()}


def _shape(schema: dict[str, Any], name: str, said: dict[str, Any]) -> Shape:
    """The shape of one key, from the published schema."""
    if "$ref" in said:
        said = schema["$defs"][said["$ref"].rsplit("/", 1)[1]]
    types = said.get("type")
    kinds = {types} if isinstance(types, str) else set(types or ())
    if name == "enabled":
        return TRUTH
    if "anyOf" in said:
        return NUMBER if any(_is_number(branch) for branch in said["anyOf"]) else OPEN
    if "array" in kinds:
        return Shape(item=_shape(schema, "", said.get("items", {})), nullable=name not in _LISTS)
    if "object" in kinds:
        return _mapping(schema, name, said)
    if kinds & {"number", "integer"}:
        return NUMBER if "number" in kinds else WHOLE
    if "boolean" in kinds:
        return Shape(sample=True, nullable=True)
    return Shape(sample=(said.get("enum") or ["x"])[0], nullable=True)


def _mapping(schema: dict[str, Any], name: str, said: dict[str, Any]) -> Shape:
    entries = said.get("additionalProperties")
    if said.get("properties"):
        return Shape(fields=_fields(schema, said["properties"]), nullable=name not in _ALWAYS)
    if isinstance(entries, dict) and "$ref" in entries:
        return Shape(item=_shape(schema, "", entries), keyed=True, nullable=name not in _MAPPINGS)
    return Shape(is_open=True, nullable=name not in _MAPPINGS)


def _is_number(branch: dict[str, Any]) -> bool:
    return branch.get("type") == "number"
