"""Where a resolved value comes from: every layer that spoke, and the one that won. Computed when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agentconf.config.layers import CONNECTION_KEYS, Layer
from agentconf.config.merge import Stack
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
    layers = list(resolver.layers(agent.agent_file, variant))
    path = _inherited(layers, path)
    said = [Said(layer, _document_path(layer, path), value) for layer in layers for value in _values(layer, path)]
    return _judged(layers, said, path)


def place_of(resolver: Resolver, agent: Resolved, path: KeyPath) -> tuple[str, Span | None]:
    """File and span of the value that won; of what contains it, where nobody wrote it."""
    for length in range(len(path), 0, -1):
        for said in reversed(spoken(resolver, agent, path[:length])):
            if (said.wins or length < len(path)) and said.layer.document is not None:
                return said.layer.document.file, said.span
    return agent.file, None


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
            return ("llm", *path[3:]) if look_up(layer.config, path[:4]) is ABSENT else path
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
    full = (*layer.path, *path)
    if path[:1] == ("instructions",) and look_up(layer.document.value, full) is ABSENT:
        full = (*layer.path, "instructions_file")
    return full


def _judged(layers: list[Layer], said: list[Said], path: KeyPath) -> list[Said]:
    """Marks the winners, by folding the layers with and without each."""
    outcome = _outcome(layers, path)
    judged: list[Said] = []
    is_won = False
    for one in reversed(said):
        wins = _is_seen(one.value, outcome) and (isinstance(one.value, dict) or not is_won)
        is_won = is_won or not isinstance(one.value, dict) or not one.value
        judged.append(Said(one.layer, one.at, one.value, wins and _survives(layers, one, path)))
    return judged[::-1]


def _outcome(layers: list[Layer], path: KeyPath) -> Any:
    stack = _folded(layers)
    if len(path) > 1 and path[0] == "llm" and path[1] in CONNECTION_KEYS:
        return look_up(stack.connection or {}, path[1:])
    if path == ("llm",):
        return {**(stack.config.get("llm") or {}), **(stack.connection or {})}
    return look_up(stack.config, path)


def _folded(layers: list[Layer]) -> Stack:
    stack = Stack()
    for layer in layers:
        stack = stack.under(layer)
    return stack


def _is_seen(value: Any, outcome: Any) -> bool:
    """Whether anything of a layer's value is part of the outcome."""
    if isinstance(value, dict) and isinstance(outcome, dict):
        return not value or any(key in outcome and _is_seen(item, outcome[key]) for key, item in value.items())
    if value is None:
        return outcome is None or outcome is ABSENT
    return bool(value == outcome)


def _survives(layers: list[Layer], one: Said, path: KeyPath) -> bool:
    """A connection key is only its layer's own while that layer gives the whole connection."""
    if len(path) < 2 or path[0] != "llm" or path[1] not in CONNECTION_KEYS:
        return True
    return _folded(layers).connection is one.layer.connection
