"""`config.llm` with its connections in it: what somebody needs who calls the model without agentconf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

Plain: TypeAlias = dict[str, Any]

_HEADERS: Final = "extra_headers"


def flat_llm(config: Mapping[str, Any], variant: str | None = None) -> Plain:
    """The `llm` of a configuration, each of its entries with the connection of its provider beside its own keys.

    With a variant, the `llm` that its callers get. Raises KeyError where there is no such variant.
    """
    llm = config.get("llm", {}) if variant is None else config.get("variants", {})[variant]["llm"]
    providers = config.get("providers", {})
    flat = _with_connection(llm, providers)
    if llm.get("fallbacks"):
        flat["fallbacks"] = [_with_connection(entry, providers) for entry in llm["fallbacks"]]
    return flat


def _with_connection(entry: Mapping[str, Any], providers: Mapping[str, Any]) -> Plain:
    name = str(entry.get("model") or "").partition("/")[0]
    connection = providers.get(name) or {}
    flat = {**connection, **entry}
    if connection.get(_HEADERS) and entry.get(_HEADERS):
        flat[_HEADERS] = {**connection[_HEADERS], **entry[_HEADERS]}
    return flat
