"""The agent that is to have another model."""

from __future__ import annotations

from dataclasses import dataclass

import click

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.offers import Providers
from agentconf.cli.models.opened import Opened, opened
from agentconf.live.machine import chosen_environment, chosen_folder
from agentconf.source import layout
from agentconf.source.folder import read_folder


@dataclass(frozen=True, slots=True)
class Reference:
    """An agent in one environment: its primary, and what it requires of any model."""

    opened: Opened
    agent: str
    model: str
    facts: Facts | None
    providers: Providers
    capabilities: frozenset[str]
    min_context_tokens: int | None
    max_tokens: int | None

    @property
    def known(self) -> Facts:
        """What is known of the primary, if only its name."""
        return self.facts or Facts(self.model, "models")


def reference_of(path: str | None, environment: str | None, agent: str) -> Reference | None:
    """None where the agent has errors, which have been printed then.

    Raises click.ClickException where there is no such agent, or it has no model.
    """
    from agentconf import pipeline
    from agentconf.cli.agents import Agents, HasErrors
    from agentconf.snapshot.wire import primary_of

    tree = read_folder(chosen_folder(path))
    # the others need not be parsed: of a large tree, that would take seconds
    draft = pipeline.draft(tree, [file for file in tree.files if _concerns(file, agent)])
    agents = Agents(draft, chosen_environment(environment))
    try:
        config = agents.agent(agent).config
    except HasErrors:
        return None
    entry = primary_of(config) or {}
    model = entry.get("model")
    if model is None:
        raise click.ClickException(f"the agent '{agent}' has no model that is switched on")
    requires, providers = config.get("requires", {}), config.get("providers", {})
    view = opened(draft)
    declared = providers.get(model.partition("/")[0], {}).get("type")
    return Reference(
        view, agent, model, view.catalogue.find(model, declared), providers,
        frozenset(requires.get("capabilities", ())), requires.get("min_context_tokens"), entry.get("max_tokens"),
    )  # fmt: skip


def _concerns(file: str, agent: str) -> bool:
    """Whether a file is that agent's, or may be shared."""
    place = layout.place(file)
    return isinstance(place, layout.Place) and (place.kind is not layout.Kind.AGENT or place.name == agent)
