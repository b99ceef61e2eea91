"""`config.llm` with its connections in it, and with the values of its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from agentconf.config.agent import Agent
from agentconf.config.secrets import SecretReference
from agentconf.secrets.reveal import Ground, reveal
from agentconf.snapshot.flat import Plain, flat_llm


def with_secrets(agent: Agent, ground: Ground, variant: str | None = None) -> Plain:
    """The same with the values of its secrets. Raises SecretUnavailable and KeyError."""
    config = {"llm": agent.llm, "variants": agent.variants, "providers": agent.providers}
    revealed: Plain = _revealed(flat_llm(_plain(config), variant), ground)
    return revealed


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
