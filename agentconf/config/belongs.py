"""Where a key of the format belongs, read off the published schemas; and what may stand at a place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from agentconf.keypath import KeyPath

_ENTRY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PATTERN_STARTS: Final = (
    ("^[A-Za-z0-9][A-Za-z0-9._-]*/", "MODEL"),
    ("^(?=[0-9.]*", "DURATION"),
    ("^[12][0-9]{3}", "DATE"),
    ("date", "DATE"),
    ("^https?", "ADDRESS"),
    ("^[a-z][a-z0-9_]", "CAPABILITY"),
    ("^[a-z0-9]", "ID"),
)

_LLM: Final = (
    "model", "temperature", "top_p", "max_tokens", "timeout", "stream_timeout", "num_retries", "seed", "stop",
    "frequency_penalty", "presence_penalty", "reasoning_effort", "response_format", "cost", "fallbacks", "extra",
)  # fmt: skip
_CONNECTION: Final = (
    "api_base",
    "api_key",
    "api_version",
    "organization",
    "region",
    "extra_headers",
    "credentials",
    "params",
)
_UNDER: Final = {
    **dict.fromkeys(_LLM, "llm"),
    **dict.fromkeys(_CONNECTION, "providers.NAME, in _defaults.yaml, a profile or an environment"),
    **dict.fromkeys(("usd", "per", "on_exceeded", "alert_at"), "limits.budget"),
    **dict.fromkeys(("budget", "requests_per_minute", "tokens_per_minute", "max_parallel"), "limits"),
    **dict.fromkeys(("capabilities", "min_context_tokens"), "requires"),
    **dict.fromkeys(("control", "metric", "ends"), "experiment"),
    **dict.fromkeys(("input_per_million", "output_per_million", "cached_input_per_million"), "llm.cost"),
    "weight": "variants.NAME",
    **dict.fromkeys(
        ("top_k", "top_a", "min_p", "repetition_penalty", "logit_bias", "logprobs", "top_logprobs", "thinking",
         "parallel_tool_calls", "service_tier", "verbosity"), "llm.extra"
    ),
}
_TOP: Final = frozenset(
    ("name", "description", "owner", "tags", "extends", "instructions", "instructions_file", "llm", "variants",
     "experiment", "requires", "limits", "delegates", "environments", "metadata")
)  # fmt: skip
_PROMPT: Final = dict.fromkeys(("prompt", "system", "system_prompt", "system_message"), "write instructions")
_ELSEWHERE: Final = {
    "agent": {"providers": "providers belong in _defaults.yaml, a profile or an environment", **_PROMPT},
    "defaults": _PROMPT,
    "profile": _PROMPT,
    "settings": {"default": "write default_agent"},
    "environment": dict.fromkeys(_TOP | {"providers", "enabled"}, "it belongs under defaults or overrides"),
}
_AGENT_KINDS: Final = frozenset(("agent", "defaults", "profile", "environment"))


def belongs_under(kind: str, path: KeyPath, key: str) -> str | None:
    """The sentence that says where a key that is unknown here belongs; None where the format has no such key."""
    if not path and key in _ELSEWHERE.get(kind, {}):
        return _ELSEWHERE[kind][key]
    if kind == "models" and not path and "/" in key:
        return "it belongs under models"
    if kind not in _AGENT_KINDS:
        return None
    last = str(path[-1]) if path else ""
    if key in {"variants", "experiment", "environments", "delegates"} and (not path or path[0] == "environments"):
        return "it belongs at the top level of an agent's file"
    if key == "extends":
        return "it belongs at the top level of an agent or a profile"
    if key in _TOP and path and last not in {"defaults", "overrides"}:
        return "it belongs at the top level"
    under = _UNDER.get(key)
    return f"it belongs under {under}" if under and under != last else None


def is_entry_name(name: str) -> bool:
    return _ENTRY.fullmatch(name) is not None


def pattern_name(pattern: str) -> str:
    """The name of a pattern that the schemas use."""
    return next((name for start, name in _PATTERN_STARTS if pattern.startswith(start)), "ID")


def keys_at(schema: dict[str, Any], path: KeyPath) -> list[str]:
    """The keys that may stand in the mapping at a path."""
    return [key for place in places_at(schema, path) for key in place.get("properties", ())]


def choices_at(schema: dict[str, Any], path: KeyPath) -> list[str]:
    """The values that may stand at a path, where they are few."""
    return [str(value) for place in places_at(schema, path) for value in place.get("enum", ()) if value is not None]


def places_at(schema: dict[str, Any], path: KeyPath) -> list[dict[str, Any]]:
    """What the schema says about the value at a path: more than one thing where it gives a choice."""
    places = [schema]
    for step in path:
        places = [inner for place in places for inner in _step(schema, place, step)]
    return [_followed(schema, place) for place in places]


def _step(schema: dict[str, Any], place: dict[str, Any], step: str | int) -> Iterable[dict[str, Any]]:
    place = _followed(schema, place)
    for branch in (place, *(_followed(schema, inner) for inner in place.get("anyOf", ()))):
        if isinstance(step, int):
            below = branch.get("items")
        else:
            below = branch.get("properties", {}).get(step, branch.get("additionalProperties"))
        if isinstance(below, dict):
            yield below


def _followed(schema: dict[str, Any], place: dict[str, Any]) -> dict[str, Any]:
    reference = place.get("$ref")
    if not isinstance(reference, str):
        return place
    target: dict[str, Any] = schema["$defs"][reference.rsplit("/", 1)[1]]
    return target
