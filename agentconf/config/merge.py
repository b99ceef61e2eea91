"""The merge law, and the law of connections.

Mappings merge key by key, to any depth; scalars and lists replace; an explicit null clears; an absent key inherits.
Merging with `{}` on either side changes nothing. Merging is associative where no null is overlaid by a mapping: a null
clears all that lies below it, so layers are always folded from the lowest up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agentconf.config.layers import Layer


def merge(lower: dict[str, Any], higher: dict[str, Any]) -> dict[str, Any]:
    """A new mapping; neither argument is changed, parts of both are shared. Nulls stay, to clear what lies below."""
    merged = lower.copy()
    for key, value in higher.items():
        if value.__class__ is dict:
            below = merged.get(key)
            merged[key] = merge(below, value) if below.__class__ is dict else value
        else:
            merged[key] = value
    return merged


def merge_layer(lower: dict[str, Any], higher: dict[str, Any]) -> dict[str, Any]:
    """`merge` for the keys of a layer: an entry of `providers` is a connection, and is replaced whole."""
    merged = merge(lower, higher)
    providers = higher.get("providers")
    if providers and lower.get("providers"):
        merged["providers"] = {**lower["providers"], **providers}
    return merged


@dataclass(slots=True)
class Stack:
    """Layers merged so far. `connection` is that of `llm`, and `connected_to` the provider it may be used with.

    `connected_to` is None for a connection written before any model was in force: it belongs to the next one.
    """

    config: dict[str, Any] = field(default_factory=dict)
    connection: dict[str, Any] | None = None
    connected_to: str | None = None
    has_null: bool = False

    def under(self, layer: Layer) -> Stack:
        """This stack with one layer more on top."""
        config = merge_layer(self.config, layer.config)
        has_null = self.has_null or layer.has_null
        if layer.connection is None and self.connection is None:
            return Stack(config, has_null=has_null)
        provider = provider_in_force(config)
        if layer.connection is not None:
            return Stack(config, layer.connection, provider, has_null)
        if config.get("llm") is None:
            return Stack(config, has_null=has_null)  # null clears all that lies below, the connection too
        if self.connected_to is None or provider in {None, self.connected_to}:
            return Stack(config, self.connection, self.connected_to or provider, has_null)
        return Stack(config, has_null=has_null)  # of another provider: a key never travels


def provider_in_force(config: dict[str, Any]) -> str | None:
    """The provider of the model that a merged layer selects."""
    llm = config.get("llm")
    model = llm.get("model") if llm else None
    return provider_of(model) if model else None


def provider_of(model: str) -> str:
    """`openai` of `openai/gpt-4.1`."""
    return model.partition("/")[0]


def without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    """The mapping without cleared keys, to any depth; lists are left as they were written."""
    return {
        key: without_nulls(item) if item.__class__ is dict else item for key, item in value.items() if item is not None
    }
