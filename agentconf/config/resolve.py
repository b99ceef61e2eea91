"""Layers to a resolved agent, as a plain mapping in the keys of the format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agentconf.config.layers import Layer
from agentconf.config.lineage import extended, lineage
from agentconf.config.merge import Stack, without_nulls
from agentconf.config.tree import AgentFile, ConfigTree

INHERITED_BY_FALLBACKS: Final = (
    "temperature", "top_p", "max_tokens", "timeout", "stream_timeout", "num_retries", "seed", "stop",
    "frequency_penalty", "presence_penalty", "reasoning_effort", "response_format",
)  # fmt: skip
"""The sampling keys, `max_tokens`, the timeouts and `num_retries`."""

_INHERITED: Final = frozenset(INHERITED_BY_FALLBACKS)
_OF_VARIANTS: Final = ("llm", "instructions")


@dataclass(slots=True)
class Resolved:
    """An agent in one environment. `config` is shared with other agents in parts: never change it."""

    id: str
    environment: str | None
    agent_file: AgentFile
    config: dict[str, Any]

    @property
    def file(self) -> str:
        return self.agent_file.document.file

    @property
    def enabled(self) -> bool:
        return self.config.get("enabled") is not False


@dataclass(slots=True)
class Resolver:
    """Resolves the agents of a tree in one environment. What agents have in common is merged once.

    `machine` holds the layers of this machine, lowest first; they take part at run time alone.
    """

    tree: ConfigTree
    environment: str | None
    machine: tuple[Layer, ...] = ()
    _shared: dict[tuple[str, tuple[str, ...]], Stack] = field(default_factory=dict)
    _machine: Stack = field(init=False)
    _last: tuple[AgentFile, tuple[Layer, ...]] | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._machine = _under(Stack(), self.machine)

    def resolve(self, agent: AgentFile) -> Resolved:
        """The agent with all its layers merged."""
        below, own = self._stack_below(agent), self._own(agent)
        stack = _under(below, own).upon(self._machine)
        if stack.config.get("variants"):
            variants = self._resolved_variants(agent, stack.config["variants"], below, own)
            config = {**stack.config, "variants": variants}
            stack = Stack(config, stack.connection, stack.connected_to, stack.has_null)
        return Resolved(agent.id, self.environment, agent, finished(stack))

    def layers(self, agent: AgentFile, variant: str | None = None) -> Iterator[Layer]:
        """Every layer of an agent, lowest first. Those of the last agent are remembered: rules ask again and again."""
        if variant is not None:
            return self._every_layer(agent, variant)
        last = self._last
        if last is None or last[0] is not agent:
            last = self._last = (agent, tuple(self._every_layer(agent, None)))
        return iter(last[1])

    def _every_layer(self, agent: AgentFile, variant: str | None) -> Iterator[Layer]:
        yield from self.machine
        yield from self._below(agent.folder, extended(agent.document.value))
        own = self._own(agent)
        yield from own[:1]
        if variant is not None:
            yield from self._variant(agent, variant)
        yield from own[1:]

    def _stack_below(self, agent: AgentFile) -> Stack:
        """The tree's layers below the agent's file, merged once for all agents that share them."""
        key = (agent.folder, extended(agent.document.value))
        stack = self._shared.get(key)
        if stack is None:
            stack = self._shared[key] = _under(Stack(), self._below(*key))
        return stack

    def _below(self, folder: str, extends: tuple[str, ...]) -> Iterator[Layer]:
        """The layers that agents of one folder with the same profiles share."""
        for name, document in self.tree.shared_below(folder, self.environment):
            yield from _present(self.tree.layer(name, document))
        for name in lineage(extends, self.tree.profiles):
            yield from _present(self.tree.layer("profile", self.tree.profiles[name]))

    def _own(self, agent: AgentFile) -> list[Layer]:
        """The agent's file, and what lies above it."""
        tree, document, environment = self.tree, agent.document, self.environment
        if agent.layer is None:
            agent.layer = tree.fresh_layer("agent", document)
        layers = [agent.layer]
        if environment is not None:
            if environment in tree.environments:
                layers.append(tree.layer("environment-overrides", tree.environments[environment]))
            if "environments" in document.value:
                layers.append(tree.fresh_layer("agent-environment", document, ("environments", environment)))
        return [layer for layer in layers if layer is not None]

    def _variant(self, agent: AgentFile, variant: str) -> Iterator[Layer]:
        """What a variant changes, as the layer that it is."""
        for path in (("variants", variant), ("environments", self.environment or "", "variants", variant)):
            layer = self.tree.fresh_layer("variant", agent.document, path)
            if layer is not None:
                layer.config.pop("weight", None)
                yield layer

    def _resolved_variants(
        self, agent: AgentFile, variants: dict[str, Any], below: Stack, own: list[Layer]
    ) -> dict[str, Any]:
        """Each variant with the whole `llm` that its callers get, instead of what it changes.

        All that is not a variant's is left out of its layers: thousands of variants are not merged again for each.
        """
        lean = [replace(layer, config=_of_variants(layer.config)) for layer in own]
        stack, above = _under(below, lean[:1]), lean[1:]
        resolved = dict(variants)
        for name, variant in variants.items():
            if isinstance(variant, dict):
                whole = _under(stack, (*self._variant(agent, name), *above)).upon(self._machine)
                said = {key: value for key, value in variant.items() if key not in _OF_VARIANTS}
                resolved[name] = {**said, "llm": {}, **_of_variants(finished(whole))}
        return resolved


def _of_variants(config: dict[str, Any]) -> dict[str, Any]:
    return {key: config[key] for key in _OF_VARIANTS if key in config}


def _under(stack: Stack, layers: Iterable[Layer]) -> Stack:
    for layer in layers:
        stack = stack.under(layer)
    return stack


def _present(layer: Layer | None) -> Iterator[Layer]:
    if layer is not None:
        yield layer


def finished(stack: Stack) -> dict[str, Any]:
    """The resolved mapping: cleared keys gone, the connection put back, fallbacks filled from the primary."""
    config = stack.config
    llm = config.get("llm")
    if llm and (stack.connection or llm.get("fallbacks")):
        llm = {**llm, **(stack.connection or {})}
        if llm.get("fallbacks"):
            inherited = {key: llm[key] for key in INHERITED_BY_FALLBACKS if key in llm}
            llm["fallbacks"] = [_finished_fallback(inherited, entry, stack.has_null) for entry in llm["fallbacks"]]
        config = {**config, "llm": llm}
    elif stack.connection:
        config = {**config, "llm": stack.connection}
    return without_nulls(config) if stack.has_null else config


def _finished_fallback(inherited: dict[str, Any], entry: dict[str, Any], has_null: bool) -> dict[str, Any]:
    filled = {**inherited, **entry}
    return without_nulls(filled) if has_null else filled


def is_inherited_by_fallbacks(key: str) -> bool:
    return key in _INHERITED
