"""The models that the agents of a tree use: in each environment, with every fallback and variant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agentconf import pipeline
from agentconf.config.merge import provider_of
from agentconf.config.resolve import Resolved, Resolver
from agentconf.pipeline import Draft


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One model as agents write it. `declared` is LiteLLM's provider, where the tree gives it a name of its own."""

    model: str
    declared: str | None
    agents: Mapping[str, tuple[str | None, ...]]
    """The environments in which each agent uses it, by the agent's id."""


@dataclass(slots=True)
class ModelsUsed:
    """Every model in use, by name; and the agents that cannot be said anything of, since they have errors."""

    uses: tuple[ModelUse, ...] = ()
    refused: frozenset[str] = frozenset()
    types: dict[str, set[str | None]] = field(default_factory=dict)
    """What each provider that the tree declares is to LiteLLM; None where its own name is LiteLLM's."""

    def agents_of(self, model: str) -> list[str]:
        return sorted({agent for use in self.uses if use.model == model for agent in use.agents})


def models_used(draft: Draft, environments: Iterable[str | None] | None = None) -> ModelsUsed:
    """The models of all agents, disabled ones too, in the environments that must validate, or in some.

    Raises UnknownEnvironment.
    """
    found: dict[tuple[str, str | None], dict[str, list[str | None]]] = {}
    used = ModelsUsed()
    refused: set[str] = set()

    def keep(agent: Resolved, resolver: Resolver) -> None:
        providers = agent.config.get("providers", {})
        for name, entry in providers.items():
            used.types.setdefault(name, set()).add(entry.get("type"))
        for model in dict.fromkeys(models_of(agent.config)):
            declared = providers.get(provider_of(model), {}).get("type")
            found.setdefault((model, declared), {}).setdefault(agent.id, []).append(agent.environment)

    for environment in draft.config.checked_environments if environments is None else environments:
        refused |= pipeline.judge(draft, environment, keep).refused
    used.uses = tuple(
        ModelUse(model, declared, {agent: tuple(where) for agent, where in sorted(agents.items())})
        for (model, declared), agents in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    )
    used.refused = frozenset(refused)
    return used


def models_of(config: Mapping[str, Any]) -> Iterator[str]:
    """Every model that a resolved agent names, the primary's first; entries that are switched off, too."""
    chains = [config.get("llm", {}), *(variant.get("llm", {}) for variant in config.get("variants", {}).values())]
    for chain in chains:
        for entry in (chain, *chain.get("fallbacks", ())):
            if entry.get("model") is not None:
                yield entry["model"]
