"""A layer: what one file, or one block of it, says about an agent, made ready for merging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from agentconf.config.durations import in_seconds, whole
from agentconf.document.build import SWITCHED_OFF
from agentconf.document.document import Document
from agentconf.keypath import KeyPath

CONNECTION_KEYS: Final = ("api_base", "api_key", "api_version", "extra_headers")
_CONNECTION: Final = frozenset(CONNECTION_KEYS)
_NOT_MERGED: Final = frozenset(("extends", "environments", "instructions_file"))
_FREE: Final = frozenset(("metadata", "extra", "extra_headers", "params", "response_format"))
_NAMING: Final = frozenset(("providers", "variants"))
_SECONDS: Final = ("timeout", "stream_timeout")
_WITH_NUMBERS: Final = ("limits", "requires")
_WITH_LAYERS: Final = ("environments", "variants", "defaults", "overrides")
_WHOLE: Final = ("max_tokens", "num_retries", "seed")
_WHOLE_LIMITS: Final = ("requests_per_minute", "tokens_per_minute", "max_parallel", "min_context_tokens")
_NO_PROMPTS: Final[dict[str, str]] = {}


@dataclass(slots=True)
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
    config = {key: item for key, item in value.items() if key not in _NOT_MERGED}
    if "instructions_file" in value:
        file = value["instructions_file"]
        if isinstance(file, str):
            config["instructions"] = prompts.get(file, "")
        elif "instructions" not in value:  # a null clears; a text beside it stands
            config["instructions"] = None
    if SWITCHED_OFF in document.noted:
        config = _switched_on(config)
    connection = _take_connection(config)
    return Layer(name, document, path, config, connection, document.has_null)


def machine_layer(name: str, config: dict[str, Any]) -> Layer:
    """A layer that no file writes: built-in, or from the process."""
    connection = _take_connection(config)
    return Layer(name, None, (), config, connection)


def _switched_on(value: Any, are_names: bool = False) -> Any:
    """The value without the keys that are switched off by `x-`. Entries may be named like the free keys."""
    if isinstance(value, dict):
        return {
            key: item if key in _FREE and not are_names else _switched_on(item, key in _NAMING and not are_names)
            for key, item in value.items()
            if not key.startswith(SWITCHED_OFF)
        }
    return [_switched_on(item) for item in value] if isinstance(value, list) else value


def _take_connection(config: dict[str, Any]) -> dict[str, Any] | None:
    """The connection keys of `llm`, taken out of a copy of it; none of them (`{}`) where null clears all of `llm`."""
    llm = config.get("llm")
    if llm is None and "llm" in config:
        return {}
    if llm.__class__ is not dict or _CONNECTION.isdisjoint(llm):
        return None
    config["llm"] = {key: value for key, value in llm.items() if key not in CONNECTION_KEYS}
    return {key: llm[key] for key in CONNECTION_KEYS if key in llm}


def make_ready(value: dict[str, Any]) -> None:
    """Brings the values of a layer, once, to the units of the resolved agent: seconds, whole numbers."""
    llm = value.get("llm")
    if llm.__class__ is dict:
        _make_entry_ready(llm)
    for key in _WITH_NUMBERS:
        if key in value and value[key].__class__ is dict:
            _make_whole(value[key], _WHOLE_LIMITS)
    for key in _WITH_LAYERS:
        if key in value and value[key].__class__ is dict:
            for inner in (value[key], *value[key].values()):
                if inner.__class__ is dict:
                    make_ready(inner)


def _make_entry_ready(entry: dict[str, Any]) -> None:
    for key in _SECONDS:
        if key in entry and entry[key].__class__ is str:
            entry[key] = in_seconds(entry[key])
    _make_whole(entry, _WHOLE)
    fallbacks = entry.get("fallbacks")
    for fallback in fallbacks if fallbacks.__class__ is list else ():
        if fallback.__class__ is dict:
            _make_entry_ready(fallback)


def _make_whole(entry: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        if entry.get(key).__class__ is float:
            entry[key] = whole(entry[key])
