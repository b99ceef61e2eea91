"""The published JSON Schemas (2020-12), made from the typed model: every key of it, optional, and null to clear it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel

from agentconf.config import files
from agentconf.config.agent import Agent
from agentconf.config.types import ENTRY_PATTERN

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PATTERNS_OFF: Final = {"^x-": True}

_RESOLVED_ONLY: Final = {"id", "environment", "file"}
_AGENT_ONLY: Final = {"variants", "experiment", "environments", "delegates"}
_SHARED_ONLY: Final = {"providers"}

_REQUIRED_AS_WRITTEN: Final = {"Fallback": ["model"], "Policy": ["id", "require"]}


def published() -> dict[str, dict[str, Any]]:
    """Every schema by its name: agent, defaults, profile, environment, settings, models."""
    return {
        "agent": _agent_schema(),
        "defaults": _file("Defaults: inherited by every agent in this folder", _keys(_AGENT_ONLY | {"extends"})),
        "profile": _file("A profile: a named layer that agents extend", _keys(_AGENT_ONLY)),
        "environment": _environment_schema(),
        "settings": _settings("The settings of a config tree", files.SettingsFile),
        "models": _settings("Facts about models", files.ModelsFile),
    }


def rendered(schema: dict[str, Any]) -> str:
    """The text of a schema's file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def file_name(name: str) -> str:
    return f"{name}.schema.json"


def _agent_schema() -> dict[str, Any]:
    schema = _file("An agent", _keys(_SHARED_ONLY))
    block = _object(_keys(_SHARED_ONLY | {"environments", "extends"}))
    schema["$defs"]["agentInEnvironment"] = block | {"type": ["object", "null"]}
    schema["properties"]["environments"] |= _entries({"$ref": "#/$defs/agentInEnvironment"})
    has_variants = {
        "type": "object",
        "required": ["variants"],
        "properties": {"variants": {"type": "object", "minProperties": 1}},
    }
    has_experiment = {
        "type": "object",
        "required": ["experiment"],
        "properties": {"experiment": {"type": "object", "required": ["control"], "properties": {"control": True}}},
    }
    return schema | {"if": has_variants, "then": has_experiment}


def _environment_schema() -> dict[str, Any]:
    block = _object(_keys(_AGENT_ONLY | {"extends"})) | {"type": ["object", "null"]}
    properties = {name: _field(field) for name, field in _properties(files.EnvironmentFile).items()}
    for name, field in properties.items():
        properties[name] = {"$ref": "#/$defs/layer"} | {key: value for key, value in field.items() if key != "type"}
    schema = _file("An environment: what holds for every agent in it", properties)
    schema["$defs"] = _definitions() | {"layer": block}
    return schema


def _settings(title: str, model: type[BaseModel]) -> dict[str, Any]:
    """Settings are no layer: nothing is inherited, so nothing is cleared by null."""
    whole = model.model_json_schema()
    definitions = {_name(name): _plain_object(name, schema) for name, schema in whole.get("$defs", {}).items()}
    top = _plain_object(model.__name__, whole)
    schema = {"$schema": _DIALECT, "title": title, "description": _first_line(model), **top}
    if "models" in schema["properties"]:
        schema["properties"]["models"] |= {"additionalProperties": {"$ref": "#/$defs/modelFacts"}}
    return schema | ({"$defs": definitions} if definitions else {})


def _plain_object(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    properties = {key: _without_null(_field(field)) for key, field in schema["properties"].items()}
    made = _object(properties)
    return made | ({"required": _REQUIRED_AS_WRITTEN[name]} if name in _REQUIRED_AS_WRITTEN else {})


def _file(title: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _DIALECT, "title": title, **_object(properties), "$defs": _definitions()}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "patternProperties": _PATTERNS_OFF,
        "additionalProperties": False,
    }


def _entries(of: dict[str, Any]) -> dict[str, Any]:
    """A mapping from names to entries; null clears an entry, `x-` switches it off."""
    return {
        "type": ["object", "null"],
        "propertyNames": {"type": "string", "pattern": ENTRY_PATTERN},
        "patternProperties": _PATTERNS_OFF,
        "additionalProperties": of,
    }


def _keys(left_out: Iterable[str]) -> dict[str, Any]:
    """The keys of a layer, in the order of the format's page."""
    fields = _properties(Agent) | _properties(files.WrittenKeys)
    order = ["name", "description", "owner", "tags", "enabled", "extends", "instructions", "instructions_file", "llm",
             "variants", "experiment", "requires", "limits", "delegates", "environments", "metadata",
             "providers"]  # fmt: skip
    assert set(order) == set(fields) - _RESOLVED_ONLY, "a key of the model is missing here"
    keys = {name: _field(fields[name]) for name in order if name not in set(left_out)}
    for name, entry in (("variants", "variant"), ("providers", "provider")):
        if name in keys:
            keys[name] |= _entries({"$ref": f"#/$defs/{entry}"})
    return keys


def _properties(model: type[BaseModel]) -> dict[str, Any]:
    fields: dict[str, Any] = model.model_json_schema()["properties"]
    return fields


def _definitions() -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    for name, schema in Agent.model_json_schema()["$defs"].items():
        made = _object({key: _field(field) for key, field in schema["properties"].items()})
        if name in _REQUIRED_AS_WRITTEN:
            made["properties"]["model"] = _without_null(made["properties"]["model"])
            made["required"] = _REQUIRED_AS_WRITTEN[name]
        else:
            made["type"] = ["object", "null"]
        definitions[_name(name)] = {"description": schema.get("description", "").split("\n")[0], **made}
    return dict(sorted(definitions.items()))


def _field(field: dict[str, Any]) -> dict[str, Any]:
    """One property: the typed model's, without what only Python needs, and nullable."""
    shape = _nullable(_shape(field))
    shown = field.get("description", "")
    made = shape | ({"description": shown.replace("`", ""), "markdownDescription": shown} if shown else {})
    if "examples" in field:
        made["examples"] = field["examples"]
    return made


_SHAPE_KEYWORDS: Final = (
    "type", "enum", "const", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "minLength", "maxLength", "required", "properties", "$ref",
)  # fmt: skip


def _shape(field: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in field:
        branches = [_shape(branch) for branch in field["anyOf"]]
        flat = [inner for branch in branches for inner in branch.get("anyOf", [branch])]
        kept = [branch for branch in flat if branch.get("type") != "null"]
        return kept[0] if len(kept) == 1 else {"anyOf": kept}
    made: dict[str, Any] = {keyword: _number(field[keyword]) for keyword in _SHAPE_KEYWORDS if keyword in field}
    if "const" in made:
        made = {"type": "string", "enum": [made["const"]]}
    if "$ref" in made:
        made["$ref"] = f"#/$defs/{_name(made['$ref'].rsplit('/', 1)[1])}"
    if isinstance(field.get("items"), dict):
        made["items"] = _shape(field["items"])
    if isinstance(field.get("additionalProperties"), dict):
        made["additionalProperties"] = _shape(field["additionalProperties"])
    return made


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _nullable(shape: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in shape:
        return {"anyOf": [*shape["anyOf"], {"type": "null"}]}
    if "type" in shape and isinstance(shape["type"], str):
        nullable = shape | {"type": [shape["type"], "null"]}
        return nullable | ({"enum": [*shape["enum"], None]} if "enum" in shape else {})
    return shape  # a reference: its target says null itself


def _without_null(shape: dict[str, Any]) -> dict[str, Any]:
    made = dict(shape)
    if isinstance(made.get("type"), list):
        made["type"] = made["type"][0]
    if "enum" in made:
        made["enum"] = [value for value in made["enum"] if value is not None]
    if "anyOf" in made:
        made["anyOf"] = [branch for branch in made["anyOf"] if branch != {"type": "null"}]
    return made


def _name(class_name: str) -> str:
    return class_name[0].lower() + class_name[1:]


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().split("\n")[0]
