"""Where a resolved value comes from: every layer that spoke, and the one that won. Computed when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agentconf.config.layers import CONNECTION_KEYS, Layer
from agentconf.config.merge import folded
from agentconf.config.resolve import Resolved, Resolver, is_inherited_by_fallbacks
from agentconf.diagnostic import Span
from agentconf.keypath import ABSENT, KeyPath, look_up


@dataclass(frozen=True, slots=True)
class Said:
    """What one layer says of a key. `at` is the key's place in the layer's document; None for the machine's layers."""

    layer: Layer
    at: KeyPath | None
    value: Any
    wins: bool = False

    @property
    def cleared(self) -> bool:
        return self.value is None

    @property
    def span(self) -> Span | None:
        if self.layer.document is None or self.at is None:
            return None
        return self.layer.document.value_span(self.at)


def spoken(resolver: Resolver, agent: Resolved, path: KeyPath) -> list[Said]:
    """Every layer that says something of a key, lowest first. One wins, or, of a mapping, each that is still seen."""
    variant, path = _of_variant(agent, path)
    if variant is not None and variant not in agent.config.get("variants", {}):
        return []
    layers = list(resolver.layers(agent.agent_file, variant))
    path = _inherited(layers, path)
    winners = _winners(layers, path)
    return [
        Said(layer, _document_path(layer, path), value, any(layer is winner for winner in winners))
        for layer in layers
        for value in _values(layer, path)
    ]


def place_of(resolver: Resolver, agent: Resolved, path: KeyPath) -> tuple[str, Span | None]:
    """File and span of the value that won; of what contains it, where nobody wrote it."""
    if path[:2] == ("llm", "fallbacks") and len(path) > 3:
        path = _inherited(list(resolver.layers(agent.agent_file)), path)
    layer = _plain_winner(resolver, agent, path)
    if layer is not None and layer.document is not None:
        return layer.document.file, layer.document.value_span((*layer.path, *path))
    for length in range(len(path), 0, -1):
        for said in reversed(spoken(resolver, agent, path[:length])):
            if (said.wins or length < len(path)) and said.layer.document is not None:
                return said.layer.document.file, said.span
    return agent.file, None


def _plain_winner(resolver: Resolver, agent: Resolved, path: KeyPath) -> Layer | None:
    """The layer that wrote a value of `llm`, `limits` or the like, where merging leaves no doubt; else None.

    The highest layer that writes it has won, unless one above it writes something else on the way there.
    """
    if path[:1] in {("variants",), ("providers",), ("instructions",)} or _is_of_connection(path) or path == ("llm",):
        return None
    for layer in reversed(list(resolver.layers(agent.agent_file))):
        value = _walked(layer.config, path)
        if value is not ABSENT:
            return layer if value is not None and layer.document is not None else None
    return None


def _walked(value: Any, path: KeyPath) -> Any:
    """The value at a path; ABSENT where a layer leaves it to others, and None where it is in their way."""
    for step in path:
        if value.__class__ is dict:
            if step not in value:
                return ABSENT
            value = value[step]
        elif value.__class__ is list and step.__class__ is int and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _of_variant(agent: Resolved, path: KeyPath) -> tuple[str | None, KeyPath]:
    """`variants.NAME.llm...` speaks of the agent's `llm` with that variant's layer in its place."""
    if len(path) > 2 and path[0] == "variants" and path[2] in {"llm", "instructions"}:
        return str(path[1]), path[2:]
    return None, path


def _inherited(layers: list[Layer], path: KeyPath) -> KeyPath:
    """A key that a fallback does not write is the primary's."""
    if len(path) < 4 or path[:2] != ("llm", "fallbacks") or not is_inherited_by_fallbacks(str(path[3])):
        return path
    for layer in reversed(layers):
        if look_up(layer.config, path[:2]) is not ABSENT:
            entry = look_up(layer.config, path[:3])
            return ("llm", *path[3:]) if isinstance(entry, dict) and path[3] not in entry else path
    return path


def _values(layer: Layer, path: KeyPath) -> Iterator[Any]:
    """What a layer says at a path: a value, a null on the way to it, or nothing."""
    if len(path) > 1 and path[0] == "llm" and path[1] in CONNECTION_KEYS:
        value = look_up(layer.connection or {}, path[1:])
    elif path == ("llm",) and layer.connection:
        value = {**layer.config.get("llm", {}), **layer.connection}
    else:
        value = look_up(layer.config, path)
    if value is not ABSENT:
        yield value
    elif any(look_up(layer.config, path[:length]) is None for length in range(1, len(path))):
        yield None


def _document_path(layer: Layer, path: KeyPath) -> KeyPath | None:
    """Where the layer's document writes a key: under the layer's block, and a prompt's text where its file is named."""
    if layer.document is None:
        return None
    if path[:1] == ("instructions",):
        block = look_up(layer.document.value, layer.path)
        if "instructions_file" in block and layer.config.get("instructions") is not block.get("instructions", ABSENT):
            path = ("instructions_file",)
    return indexed(layer.document.value, (*layer.path, *path))


def indexed(value: Any, path: KeyPath) -> KeyPath:
    """The path with a number where it indexes a list, and a text where it names a key, however it was written."""
    steps: list[str | int] = []
    for step in path:
        is_index = isinstance(value, list) and (isinstance(step, int) or step.isdecimal())
        steps.append(int(step) if is_index else str(step) if isinstance(value, dict) else step)
        value = look_up(value, (step,))
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class _Written:
    """A value that is not merged any further, with the layer that wrote it."""

    layer: Layer
    value: Any


def _winners(layers: list[Layer], path: KeyPath) -> list[Layer]:
    """The layers of which something is left at a path, when all are merged."""
    owners = _connected(layers) if path == ("llm",) or _is_of_connection(path) else []
    if owners and path != ("llm",):
        return owners
    merged: Any = {}
    for layer in layers:
        said = _on_the_way(layer.config, path)
        merged = _merged(merged, said, layer, ()) if said else merged
    node: Any = merged
    for count, step in enumerate(path):
        if isinstance(node, _Written):
            is_there = node.value is None or look_up(node.value, path[count:]) is not ABSENT
            return [node.layer] if is_there else []
        node = node.get(str(step), {})
    return [*_writers(node), *(layer for layer in owners if layer.connection)]


def _on_the_way(value: Any, path: KeyPath) -> Any:
    """The value without what stands beside the path: a thousand other variants need not be merged."""
    if not path or not isinstance(value, dict):
        return value
    step = str(path[0])
    return {step: _on_the_way(value[step], path[1:])} if step in value else {}


def _merged(lower: Any, value: Any, layer: Layer, path: KeyPath) -> Any:
    """The law of merging, with the name of the writer on every value: of equal ones, the higher has overridden."""
    if not isinstance(value, dict):
        return _Written(layer, value)
    is_replaced = len(path) == 2 and path[0] == "providers"  # an entry is a connection, and never merged
    merged = dict(lower) if isinstance(lower, dict) and not is_replaced else {}
    if not value and not merged:
        return _Written(layer, value)
    for key, item in value.items():
        merged[key] = _merged(merged.get(key), item, layer, (*path, key))
    return merged


def _writers(node: Any) -> Iterator[Layer]:
    if isinstance(node, _Written):
        yield node.layer
    else:
        for below in node.values():
            yield from _writers(below)


def _is_of_connection(path: KeyPath) -> bool:
    return len(path) > 1 and path[0] == "llm" and path[1] in CONNECTION_KEYS


def _connected(layers: list[Layer]) -> list[Layer]:
    """The layer that gives the whole connection of `llm`, if any."""
    connection = folded(layers).connection
    return [layer for layer in layers if layer.connection is connection and connection is not None]
