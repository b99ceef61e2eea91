"""`config.llm` with its connections in it: what somebody needs who calls the model without agentconf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from agentconf.config.agent import Agent
from agentconf.config.secrets import SecretReference
from agentconf.secrets.reveal import Ground, reveal

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


def with_secrets(agent: Agent, ground: Ground, variant: str | None = None) -> Plain:
    """The same with the values of its secrets. Raises SecretUnavailable and KeyError."""
    config = {"llm": agent.llm, "variants": agent.variants, "providers": agent.providers}
    revealed: Plain = _revealed(flat_llm(_plain(config), variant), ground)
    return revealed


def _with_connection(entry: Mapping[str, Any], providers: Mapping[str, Any]) -> Plain:
    name = str(entry.get("model") or "").partition("/")[0]
    connection = providers.get(name) or {}
    flat = {**connection, **entry}
    if connection.get(_HEADERS) and entry.get(_HEADERS):
        flat[_HEADERS] = {**connection[_HEADERS], **entry[_HEADERS]}
    return flat


def _plain(value: Any) -> Any:
    """What was said of an agent as a mapping, its references as they are."""
    if isinstance(value, BaseModel):
        said = {name: getattr(value, name) for name in type(value).model_fields if name in value.model_fields_set}
        return {name: _plain(item) for name, item in said.items() if item is not None}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _revealed(value: Any, ground: Ground) -> Any:
    if isinstance(value, SecretReference):
        return reveal(value, ground).get_secret_value()
    if isinstance(value, dict):
        return {name: _revealed(item, ground) for name, item in value.items()}
    return [_revealed(item, ground) for item in value] if isinstance(value, list) else value
