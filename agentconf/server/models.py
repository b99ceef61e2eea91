"""The models of a snapshot: which are in use, what is known of them, and which others would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Query

from agentconf.catalogue.catalogue import Catalogue
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.offers import Providers, candidates
from agentconf.catalogue.recommend import Recommended, Wish, recommend
from agentconf.catalogue.told import facts_json, recommended_json
from agentconf.config.agent import Agent
from agentconf.live.installed import load_litellm
from agentconf.server.problem import NO_MODEL, Problem
from agentconf.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look, and for whom."""

    agent: Annotated[str | None, Query(alias="for", max_length=200, description="An agent's id.")] = None
    provider: Annotated[list[str] | None, Query(max_length=50)] = None
    any_provider: bool = False
    cheaper: bool = False
    larger: bool = False
    limit: Annotated[int, Query(ge=1, le=1000)] = 10

    def takes(self, one: Recommended, model: str | None) -> bool:
        if one.candidate.model == model:
            return False
        return (not self.cheaper or one.is_cheaper) and (not self.larger or one.is_larger is True)


def models_in_use(snapshot: Snapshot) -> dict[str, Any]:
    """Each model with the agents that use it and the facts about it, by name."""
    users: dict[str, dict[str, str | None]] = {}
    for agent in snapshot.values():
        for model in _models_of(agent):
            users.setdefault(model, {})[agent.id] = _type_of(agent, model)
    catalogue, today = catalogue_of(snapshot), this_day()
    rows = [
        {
            "model": model,
            "agents": sorted(agents),
            "facts": facts_json(catalogue.find(model, next(iter(agents.values()))), today),
        }
        for model, agents in sorted(users.items())
    ]
    return {"models": rows, "generation": snapshot.generation, "digest": snapshot.digest}


def recommendations(snapshot: Snapshot, wish: Wish, search: Search) -> dict[str, Any]:
    """What `agentconf models recommend --format json` prints. Raises Problem where the agent has no model."""
    catalogue = catalogue_of(snapshot)
    agent = snapshot[search.agent] if search.agent is not None else None
    model = _primary_of(agent) if agent is not None else None
    facts = catalogue.find(model, _type_of(agent, model)) if agent is not None and model is not None else None
    if agent is not None:
        wish = _with_requirements(wish, agent)
    declared = None if search.any_provider else _providers([agent] if agent is not None else snapshot.values())
    known = (facts or Facts(model, "models")) if model is not None else None
    found = recommend(candidates(catalogue, declared, search.provider or ()), wish, known)
    kept = [one for one in found.models if search.takes(one, model)][: search.limit]
    return {
        "for": {"agent": search.agent, "model": model, "facts": facts_json(facts, wish.today)} if model else None,
        "models": [recommended_json(one, wish.today) for one in kept],
        "unknown": found.unknown,
    }


def catalogue_of(snapshot: Snapshot) -> Catalogue:
    """What the tree says of models, and behind it LiteLLM's file where that is installed."""
    return snapshot.models.catalogue(load_litellm)


def this_day() -> date:
    return datetime.now(UTC).date()


def _models_of(agent: Agent) -> Iterator[str]:
    for llm in (agent.llm, *(variant.llm for variant in agent.variants.values())):
        for entry in (llm, *llm.fallbacks):
            if entry.model is not None:
                yield entry.model


def _type_of(agent: Agent, model: str) -> str | None:
    """LiteLLM's name for the model's provider, where the tree gives it one of its own."""
    provider = agent.providers.get(model.partition("/")[0])
    return provider.type if provider else None


def _primary_of(agent: Agent) -> str:
    model = agent.primary.model if agent.primary else None
    if model is None:
        raise Problem(NO_MODEL, f"the agent '{agent.id}' has no model that is switched on")
    return model


def _with_requirements(wish: Wish, agent: Agent) -> Wish:
    """What the agent requires, beside what was asked for."""
    requires = agent.requires
    least = max(wish.min_context_tokens or 0, (requires.min_context_tokens if requires else None) or 0)
    return replace(
        wish,
        capabilities=wish.capabilities | frozenset(requires.capabilities if requires else ()),
        min_context_tokens=least or None,
        min_output_tokens=agent.primary.max_tokens if agent.primary else None,
    )


def _providers(agents: Iterable[Agent]) -> Providers | None:
    """The connections that agents have, as far as they say which models there are; None where none is declared."""
    found: dict[str, dict[str, Any]] = {}
    for agent in agents:
        for name, entry in agent.providers.items():
            found.setdefault(name, {"type": entry.type, "api_base": entry.api_base, "region": entry.region})
    return found or None
