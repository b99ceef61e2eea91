"""Layers to a resolved agent, as a plain mapping in the keys of the format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
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

    def resolve(self, agent: AgentFile) -> Resolved:
        """The agent with all its layers merged."""
        stack = self._stack(agent)
        if stack.config.get("variants"):
            stack = self._with_variants(agent, stack)
        return Resolved(agent.id, self.environment, agent, finished(stack))

    def layers(self, agent: AgentFile, variant: str | None = None) -> Iterator[Layer]:
        """Every layer of an agent, lowest first."""
        yield from self.machine
        yield from self._below(agent.folder, extended(agent.document.value))
        yield from self._own(agent, variant)

    def _stack(self, agent: AgentFile, variant: str | None = None) -> Stack:
        key = (agent.folder, extended(agent.document.value))
        stack = self._shared.get(key)
        if stack is None:
            stack = Stack()
            for layer in (*self.machine, *self._below(*key)):
                stack = stack.under(layer)
            self._shared[key] = stack
        for layer in self._own(agent, variant):
            stack = stack.under(layer)
        return stack

    def _below(self, folder: str, extends: tuple[str, ...]) -> Iterator[Layer]:
        """The layers that agents of one folder with the same profiles share."""
        for name, document in self.tree.shared_below(folder, self.environment):
            yield from _present(self.tree.layer(name, document))
        for name in lineage(extends, self.tree.profiles):
            yield from _present(self.tree.layer("profile", self.tree.profiles[name]))

    def _own(self, agent: AgentFile, variant: str | None = None) -> list[Layer]:
        """The agent's file and what lies above it."""
        tree, document, environment = self.tree, agent.document, self.environment
        if agent.layer is None:
            agent.layer = tree.fresh_layer("agent", document)
        layers = [agent.layer]
        if variant is not None:
            layers.extend(self._variant(agent, variant))
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

    def _with_variants(self, agent: AgentFile, stack: Stack) -> Stack:
        """Each variant with the whole `llm` that its callers get, instead of what it changes."""
        variants = {
            name: self._resolved_variant(agent, name, variant) if isinstance(variant, dict) else variant
            for name, variant in stack.config["variants"].items()
        }
        return Stack({**stack.config, "variants": variants}, stack.connection, stack.connected_to, stack.has_null)

    def _resolved_variant(self, agent: AgentFile, name: str, variant: dict[str, Any]) -> dict[str, Any]:
        config = finished(self._stack(agent, name))
        said = {key: value for key, value in variant.items() if key not in {"llm", "instructions"}}
        taken: dict[str, Any] = {key: config[key] for key in ("llm", "instructions") if key in config}
        return {**said, "llm": {}, **taken}


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
