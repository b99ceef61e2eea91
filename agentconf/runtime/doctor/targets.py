"""What is tried: each model of each agent, by the connection that leads to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agentconf.config.agent import Agent, Llm, ModelEntry, Provider
from agentconf.config.secrets import SecretReference
from agentconf.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Connection:
    """How a provider is reached. `name` is the part of the model's name before the slash; `type` is LiteLLM's.

    `is_stated` is false where the tree says nothing of it, and LiteLLM looks for the provider's usual variables.
    """

    name: str
    type: str
    stated: Provider
    is_stated: bool

    def references(self) -> Iterator[SecretReference]:
        """Every secret that belongs to the connection."""
        said = (self.stated.api_key, *_values(self.stated.extra_headers), *_values(self.stated.params))
        return (value for value in said if isinstance(value, SecretReference))


@dataclass(frozen=True, slots=True)
class Target:
    """A model behind a connection. `model` is its name without the provider."""

    connection: Connection
    model: str


@dataclass(frozen=True)
class Use:
    """An agent's use of a target. `key` is the place of the entry, such as `llm.fallbacks[0]`."""

    agent: Agent
    key: str
    entry: ModelEntry
    target: Target


def uses_of(snapshot: Snapshot) -> Iterator[Use]:
    """Every entry that is in service, of every agent that is served, by its id."""
    for _, agent in sorted(snapshot.items()):
        for key, entry in _entries(agent):
            if entry.enabled and entry.model is not None:
                yield Use(agent, key, entry, target_of(agent, entry))


def target_of(agent: Agent, entry: ModelEntry) -> Target:
    """What an entry leads to. Raises ValueError for an entry without a model."""
    name, _, model = (entry.model or "").partition("/")
    if not model:
        raise ValueError("an entry without a model leads nowhere")
    declared = agent.providers.get(name)
    if declared is not None:
        return Target(Connection(name, declared.type or name, declared, is_stated=True), model)
    own = Provider.model_construct(
        api_base=entry.api_base,
        api_key=entry.api_key,
        api_version=entry.api_version,
        extra_headers=entry.extra_headers,
    )
    is_stated = any(value is not None for value in (entry.api_base, entry.api_key, entry.extra_headers))
    return Target(Connection(name, name, own, is_stated), model)


def _entries(agent: Agent) -> Iterator[tuple[str, ModelEntry]]:
    if not agent.variants:
        yield from _chain("llm", agent.llm)
    for name, variant in agent.variants.items():
        yield from _chain(f"variants.{name}.llm", variant.llm)


def _chain(key: str, llm: Llm) -> Iterator[tuple[str, ModelEntry]]:
    yield key, llm
    for index, fallback in enumerate(llm.fallbacks):
        yield f"{key}.fallbacks[{index}]", fallback


def _values(mapping: Mapping[str, Any] | None) -> tuple[Any, ...]:
    return tuple(mapping.values()) if mapping else ()
