"""Resolved mappings to typed agents."""

from __future__ import annotations

from typing import Any

from agentconf.config.agent import Agent, Provider
from agentconf.config.resolve import Resolved
from agentconf.frozen import FrozenDict


class Sealer:
    """Builds typed agents; those with the same providers share them."""

    def __init__(self) -> None:
        self._providers: dict[int, tuple[dict[str, Any], FrozenDict[Provider]]] = {}

    def seal(self, agent: Resolved) -> Agent:
        """The frozen, typed agent. What the schemas accept never fails here: that is a law, and tested."""
        fields = dict(agent.config)
        fields["id"] = agent.id
        fields["environment"] = agent.environment
        fields["file"] = agent.file
        if "providers" in fields:
            fields["providers"] = self._sealed_providers(fields["providers"])
        return Agent.model_validate(fields)

    def _sealed_providers(self, providers: dict[str, Any]) -> FrozenDict[Provider]:
        # the mapping is kept beside its sealed form, so that its id is not given to another one
        known = self._providers.get(id(providers))
        if known is None:
            sealed = {name: Provider.model_validate(entry) for name, entry in providers.items()}
            known = self._providers[id(providers)] = (providers, FrozenDict(sealed))
        return known[1]
