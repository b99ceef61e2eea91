"""A layer: what one file, or one block of it, says about an agent, made ready for merging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from agentconf.config.durations import in_seconds, whole
from agentconf.document.document import Document
from agentconf.keypath import KeyPath

CONNECTION_KEYS: Final = ("api_base", "api_key", "api_version", "extra_headers")
_NOT_MERGED: Final = frozenset(("extends", "environments", "instructions_file"))
_FREE: Final = frozenset(("metadata", "extra", "extra_headers", "params", "response_format"))
_SECONDS: Final = ("timeout", "stream_timeout")
_WHOLE: Final = ("max_tokens", "num_retries", "seed")
_NO_PROMPTS: Final[dict[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an agent. `name` is what `explain` prints; `path` is where in the document it stands.

    `connection` holds the connection keys of `llm`, which are merged as one; None where the layer writes none.
    """

    name: str
    document: Document | None
    path: KeyPath
    config: dict[str, Any]
    connection: dict[str, Any] | None = None
    has_null: bool = False

    @property
    def file(self) -> str | None:
        return self.document.file if self.document else None


def layer_of(name: str, document: Document, path: KeyPath = (), prompts: dict[str, str] = _NO_PROMPTS) -> Layer | None:
    """The layer at a path of a document that its schema has accepted; None where nothing stands there.

    `prompts` holds the text of each prompt file by its path as the document writes it.
    """
    value: Any = document.value
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, dict):
        return None
    config = {key: item for key, item in value.items() if key not in _NOT_MERGED and not key.startswith("x-")}
    if "instructions_file" in value:
        file = value["instructions_file"]
        config["instructions"] = None if file is None else prompts.get(file, "")
    if b"x-" in document.data or b"\\" in document.data:
        config = {key: item if key in _FREE else _switched_on(item) for key, item in config.items()}
    connection = _ready(config)
    return Layer(name, document, path, config, connection, document.has_null)


def machine_layer(name: str, config: dict[str, Any]) -> Layer:
    """A layer that no file writes: built-in, or from the process."""
    connection = _ready(config)
    return Layer(name, None, (), config, connection)


def _switched_on(value: Any) -> Any:
    """The value without the keys that are switched off by `x-`."""
    if isinstance(value, dict):
        return {
            key: item if key in _FREE else _switched_on(item) for key, item in value.items() if not key.startswith("x-")
        }
    return [_switched_on(item) for item in value] if isinstance(value, list) else value


def _ready(config: dict[str, Any]) -> dict[str, Any] | None:
    """Durations in seconds, in copies; the connection taken out of `llm` and returned."""
    connection = None
    llm = config.get("llm")
    if llm.__class__ is dict:
        config["llm"] = llm = _entry(llm)
        for key in CONNECTION_KEYS:
            if key in llm:
                connection = connection or {}
                connection[key] = llm.pop(key)
    if config.get("variants"):
        config["variants"] = {name: _variant(variant) for name, variant in config["variants"].items()}
    return connection


def _variant(variant: Any) -> Any:
    return variant | {"llm": _entry(variant["llm"])} if isinstance(variant, dict) and variant.get("llm") else variant


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    """A copy of an `llm` mapping or a fallback in the units of the resolved agent."""
    entry = dict(entry)
    for key in _SECONDS:
        if entry.get(key).__class__ is str:
            entry[key] = in_seconds(entry[key])
    for key in _WHOLE:
        if entry.get(key).__class__ is float:
            entry[key] = whole(entry[key])
    fallbacks = entry.get("fallbacks")
    if fallbacks:
        entry["fallbacks"] = [_entry(fallback) for fallback in fallbacks]
    return entry
