"""The types of the format's values, each with the JSON Schema that the published schemas show for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, Strict, WithJsonSchema, WrapValidator

from agentconf.config.durations import LONGEST_SECONDS
from agentconf.config.durations import PATTERN as DURATION_PATTERN
from agentconf.config.patterns import ADDRESS_LENGTH, ADDRESS_PATTERN, MODEL_LENGTH, MODEL_PATTERN
from agentconf.config.secrets import PATTERN as REFERENCE_PATTERN
from agentconf.config.secrets import NotAReference, SecretReference, looks_like_reference, parse_reference
from agentconf.frozen import FrozenDict, freeze

ID_PATTERN: Final = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$"
DATE_PATTERN: Final = r"^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$"
ENTRY_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
CAPABILITY_PATTERN: Final = r"^[a-z][a-z0-9_]{0,63}$"
RESPONSE_FORMATS: Final = ("text", "json_object", "json_schema")


def _day(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) and re.fullmatch(DATE_PATTERN[1:-1], value) else value


def _reference(value: object) -> SecretReference:
    if isinstance(value, SecretReference):
        return value
    if not isinstance(value, str):
        raise NotAReference("a secret is written as a reference, such as ${env:NAME}")
    return parse_reference(value)


def _reference_or_text(value: object) -> SecretReference | str:
    if isinstance(value, str) and not looks_like_reference(value):
        return value
    return _reference(value)


def _free(value: object) -> FrozenDict[Any]:
    if not isinstance(value, dict):
        raise ValueError("must be a mapping")
    return value if isinstance(value, FrozenDict) else FrozenDict({key: freeze(item) for key, item in value.items()})


def _response_format(value: object) -> FrozenDict[Any]:
    plain = _free(value)
    if plain.get("type") not in RESPONSE_FORMATS or not isinstance(plain.get("json_schema", {}), dict):
        raise ValueError(f"must be a mapping with a type, one of {', '.join(RESPONSE_FORMATS)}")
    return plain


def _parameters(value: object) -> FrozenDict[Any]:
    plain = _free(value)
    return FrozenDict({key: _reference_or_text(item) if isinstance(item, str) else item for key, item in plain.items()})


def _shown(value: Any) -> Any:
    return str(value) if isinstance(value, SecretReference) else value


def _sealed(value: Any, validate: Callable[[Any], dict[str, Any]]) -> FrozenDict[Any]:
    """A mapping that was sealed before is taken as it is: agents share their providers."""
    return value if isinstance(value, FrozenDict) else FrozenDict(validate(value))


SEALED: Final = WrapValidator(_sealed)
"""Makes a validated mapping of entries unchangeable."""

_AS_TEXT: Final = PlainSerializer(str, return_type=str)
_AS_DICT: Final = PlainSerializer(dict, return_type=dict)
_AS_SHOWN: Final = PlainSerializer(lambda value: {key: _shown(item) for key, item in value.items()}, return_type=dict)

Seconds = Annotated[
    float,
    Field(gt=0, le=LONGEST_SECONDS),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST_SECONDS},
                {"type": "string", "pattern": DURATION_PATTERN},
            ]
        }
    ),
]
Count = Annotated[int, Field(ge=1)]
Dollars = Annotated[float, Field(ge=0, le=1e9)]
Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "pattern": DATE_PATTERN})
]
Texts = Annotated[tuple[str, ...], Strict(False)]
TextOrTexts = Annotated[
    str | Texts,
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
ModelName = Annotated[str, Field(pattern=MODEL_PATTERN, max_length=MODEL_LENGTH)]
AgentId = Annotated[str, Field(pattern=ID_PATTERN)]
EntryName = Annotated[str, Field(pattern=ENTRY_PATTERN)]
"""The name of a profile, an environment, a provider or a variant."""
Address = Annotated[str, Field(pattern=ADDRESS_PATTERN, max_length=ADDRESS_LENGTH)]
Capability = Annotated[str, Field(pattern=CAPABILITY_PATTERN)]
Secret = Annotated[
    SecretReference,
    PlainValidator(_reference),
    _AS_TEXT,
    WithJsonSchema({"type": "string", "pattern": REFERENCE_PATTERN}),
]
HeaderValue = Annotated[
    SecretReference | str, PlainValidator(_reference_or_text), _AS_TEXT, WithJsonSchema({"type": "string"})
]
FreeMapping = Annotated[Mapping[str, Any], PlainValidator(_free), _AS_DICT, WithJsonSchema({"type": "object"})]
Parameters = Annotated[Mapping[str, Any], PlainValidator(_parameters), _AS_SHOWN, WithJsonSchema({"type": "object"})]
ResponseFormat = Annotated[
    Mapping[str, Any],
    PlainValidator(_response_format),
    _AS_DICT,
    WithJsonSchema(
        {
            "type": "object",
            "required": ["type"],
            "properties": {
                "type": {"type": "string", "enum": list(RESPONSE_FORMATS)},
                "json_schema": {"type": ["object", "null"]},
            },
        }
    ),
]
