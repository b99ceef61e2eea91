"""The merge law, and the law of connections.

Mappings merge key by key, to any depth; scalars and lists replace; an explicit null clears; an absent key inherits.
Merging with `{}` on either side changes nothing. Merging is associative where no null is overlaid by a mapping: a null
clears all that lies below it, so layers are always folded from the lowest up.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    is_cut: bool = False
    """Whether null cleared all of `llm` somewhere: of the machine's layers nothing is left, whatever came later."""

    def under(self, layer: Layer) -> Stack:
        """This stack with one layer more on top."""
        stack = self._under(layer)
        stack.is_cut = self.is_cut or ("llm" in layer.config and layer.config["llm"] is None)
        return stack

    def _under(self, layer: Layer) -> Stack:
        config = merge_layer(self.config, layer.config)
        has_null = self.has_null or layer.has_null
        if layer.connection is None and self.connection is None:
            return Stack(config, has_null=has_null)
        provider = provider_in_force(config)
        if layer.connection is not None:
            return Stack(config, layer.connection, provider, has_null)
        if self.connected_to is None or provider in {None, self.connected_to}:
            return Stack(config, self.connection, self.connected_to or provider, has_null)
        return Stack(config, has_null=has_null)  # of another provider: a key never travels

    def upon(self, machine: Stack) -> Stack:
        """This stack with the machine's layers underneath."""
        if not machine.config or self.is_cut:
            return self
        config = merge_layer(machine.config, self.config)
        provider = provider_in_force(self.config)
        if self.connection is not None:
            return Stack(config, self.connection, self.connected_to or provider_in_force(config), self.has_null)
        if provider in {None, machine.connected_to}:
            return Stack(config, machine.connection, machine.connected_to, self.has_null)
        return Stack(config, has_null=self.has_null)


def folded(layers: Iterable[Layer]) -> Stack:
    """All layers as one stack, lowest first.

    The tree's layers are folded by themselves and put upon the machine's: what belongs to which model does not depend
    on the machine, and is in production what it was in review.
    """
    machine, tree = Stack(), Stack()
    for layer in layers:
        if layer.document is None:
            machine = machine.under(layer)
        else:
            tree = tree.under(layer)
    return tree.upon(machine)


def provider_in_force(config: dict[str, Any]) -> str | None:
    """The provider of the model that a merged layer selects."""
    llm = config.get("llm")
    model = llm.get("model") if llm else None
    return provider_of(model) if model else None


def provider_of(model: str) -> str:
    """`openai` of `openai/gpt-4.1`."""
    return model.partition("/")[0]


def without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    """The mapping without cleared keys, at any depth: lists and JSON Schemas (null is a value there) stay."""
    return {
        key: without_nulls(item) if item.__class__ is dict and key != "json_schema" else item
        for key, item in value.items()
        if item is not None
    }
