"""The published JSON Schema (2020-12) of what `diff --format json` prints. Keys may come, and none will go."""

from __future__ import annotations

from typing import Any, Final, get_args

from agentconf.diff.change import RISKS, Kind, MeaningKind

_TEXT: Final = {"type": "string"}
_TEXT_OR_NONE: Final = {"type": ["string", "null"]}
_LINE: Final = {"type": "integer", "minimum": 1}
_DOLLARS_OR_NONE: Final = {"type": ["number", "null"], "minimum": 0}


def diff_schema() -> dict[str, Any]:
    """One object: the changes of each resolved agent, with the line that caused each and what it means."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What `diff --format json` prints",
        **_object({
            "base": _TEXT | {"description": "The base, as it was named, with its commit."},
            "head": _TEXT | {"description": "The head; `the working tree` where it is the files."},
            "environments": _list(_TEXT) | {"description": "Those compared; empty where the tree has none."},
            "agents_changed": {"type": "integer", "minimum": 0, "description": "How many differ in some environment."},
            "changes": _list({"$ref": "#/$defs/change"}),
            "base_diagnostics": _list({"$ref": "#/$defs/diagnostic"}),
            "head_diagnostics": _list({"$ref": "#/$defs/diagnostic"}),
            "forecast": {"$ref": "#/$defs/forecast"},
        }, optional={"forecast"}),
        "$defs": {
            "change": _change(),
            "meaning": _object({"kind": _one_of(MeaningKind), "risk": {"enum": list(RISKS)}, "text": _TEXT}),
            "cause": _object({"file": _TEXT, "line": _LINE}),
            "diagnostic": _diagnostic(),
            "forecast": _forecast(),
        },
    }  # fmt: skip


def _change() -> dict[str, Any]:
    any_value = {"description": "A secret is its reference; null where there is no value."}
    return _object({
        "agent": _TEXT_OR_NONE | {"description": "null where the tree's own settings change."},
        "environment": _TEXT_OR_NONE,
        "kind": _one_of(Kind),
        "key": _TEXT_OR_NONE | {"description": "null where a whole agent comes, goes or gets another id."},
        "old": any_value,
        "new": any_value,
        "cause": {"anyOf": [{"$ref": "#/$defs/cause"}, {"type": "null"}]},
        "meanings": _list({"$ref": "#/$defs/meaning"}),
    })  # fmt: skip


def _diagnostic() -> dict[str, Any]:
    """As `validate --format json` prints it."""
    lines = dict.fromkeys(("line", "column", "end_line", "end_column"), _LINE)
    texts = dict.fromkeys(("key", "agent", "environment", "hint"), _TEXT_OR_NONE)
    return _object({
        "code": _TEXT, "rule": _TEXT, "severity": {"enum": ["error", "warning"]}, "message": _TEXT, "file": _TEXT,
        **lines, **texts, "fixable": {"type": "boolean"}, "related": {"type": "array"},
    })  # fmt: skip


def _forecast() -> dict[str, Any]:
    agent = _object({
        "agent": _TEXT, "environment": _TEXT_OR_NONE, "calls": {"type": "integer", "minimum": 0},
        "before": _DOLLARS_OR_NONE, "after": _DOLLARS_OR_NONE,
        "prompt_tokens": {"type": "integer", "description": "How many more, about, the prompt takes in each call."},
    })  # fmt: skip
    total = {"type": "number", "minimum": 0, "description": "US dollars over the period, of all that can be counted."}
    return _object({
        "before": total, "after": total, "agents": _list(agent),
        "unrecorded": _list(_TEXT), "unpriced": _list(_TEXT),
        "unmatched": _list(_TEXT) | {"description": "Models of records that the base does not name: `agent (model)`."},
    })  # fmt: skip


def _object(properties: dict[str, Any], optional: set[str] | None = None) -> dict[str, Any]:
    required = [name for name in properties if name not in (optional or set())]
    return {"type": "object", "properties": properties, "required": required}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _one_of(names: Any) -> dict[str, Any]:
    return {"enum": list(get_args(names))}
