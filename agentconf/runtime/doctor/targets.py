"""What is tried: each model of each agent, by the connection that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agentconf.config.agent import Agent, Llm, ModelEntry
from agentconf.config.secrets import SecretReference
from agentconf.errors import AgentconfError
from agentconf.frozen import FrozenDict, freeze
from agentconf.runtime.connection import connection_of
from agentconf.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Reach:
    """How a provider is reached, whichever model is asked. `name` is the tree's, `type` LiteLLM's.

    `arguments` are those of a call, secrets as references. `is_stated` is false where the tree leaves it to the
    provider's usual variables, `is_ambient` true where its own library finds the credentials. `fault` says why no call
    is possible at all.
    """

    name: str
    type: str
    is_stated: bool = True
    is_ambient: bool = False
    arguments: FrozenDict[Any] = field(default_factory=FrozenDict)
    fault: str | None = None

    @property
    def headers(self) -> FrozenDict[Any]:
        found: FrozenDict[Any] = self.arguments.get("extra_headers") or FrozenDict()
        return found

    @property
    def address(self) -> str | None:
        """The address that a call is sent to; None where it is left to others."""
        said = self.arguments.get("api_base")
        return said if isinstance(said, str) else None

    def references(self) -> Iterator[SecretReference]:
        """Every secret that it takes."""
        said = (*self.arguments.values(), *self.headers.values())
        return (value for value in said if isinstance(value, SecretReference))


@dataclass(frozen=True, slots=True)
class Target:
    """A model, by its name without the provider, and how it is reached."""

    reach: Reach
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
                yield Use(agent, key, entry, Target(_reach(agent, entry), entry.model.partition("/")[2]))


def _reach(agent: Agent, entry: ModelEntry) -> Reach:
    name = (entry.model or "").partition("/")[0]
    declared = agent.providers.get(name)
    is_ambient = declared is not None and declared.credentials == "ambient"
    try:
        found = connection_of(agent, entry)
    except AgentconfError as error:
        kind = declared.type if declared is not None else None
        return Reach(name, kind or name, is_ambient=is_ambient, fault=str(error))
    return Reach(name, found.type, found.is_stated, is_ambient, freeze(dict(found.arguments)))


def _entries(agent: Agent) -> Iterator[tuple[str, ModelEntry]]:
    if not agent.variants:
        yield from _chain("llm", agent.llm)
    for name, variant in agent.variants.items():
        yield from _chain(f"variants.{name}.llm", variant.llm)


def _chain(key: str, llm: Llm) -> Iterator[tuple[str, ModelEntry]]:
    yield key, llm
    for index, fallback in enumerate(llm.fallbacks):
        yield f"{key}.fallbacks[{index}]", fallback
