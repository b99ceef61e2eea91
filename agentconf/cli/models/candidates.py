"""The models that a tree could use, under the names that it would write; and the agent that is to have another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import click

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.families import family
from agentconf.catalogue.recommend import Candidate
from agentconf.cli.models.opened import Opened, opened
from agentconf.live.machine import chosen_environment, chosen_folder
from agentconf.source import layout
from agentconf.source.folder import read_folder

Providers = Mapping[str, Mapping[str, Any]]

_ANYBODYS_PROTOCOL: Final = {"openai", "openai_like", "custom_openai", "hosted_vllm", "litellm_proxy"}
"""What servers of all kinds speak: which models are behind such an address, only the tree can say."""


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


def candidates(view: Opened, declared: Providers | None, only: Collection[str]) -> Iterator[Candidate]:
    """Every model of the declared providers as the tree would write it; of all providers where none is declared."""
    known: dict[str, set[str]] = {}
    for model in view.catalogue.names():
        provider, _, bare = model.partition("/")
        known.setdefault(provider, set()).add(bare)
    connections: Providers = declared or {name: {} for name in known}
    for name, entry in connections.items():
        if not only or name in only:
            yield from _of_provider(view, known, name, entry)


def _of_provider(
    view: Opened, known: Mapping[str, set[str]], name: str, entry: Mapping[str, Any]
) -> Iterator[Candidate]:
    """The models of one connection: those of its type, and those that the tree names after it."""
    declared, region = entry.get("type"), entry.get("region")
    is_closed = bool(entry.get("api_base")) and (declared or name) in _ANYBODYS_PROTOCOL and declared is not None
    bare = known.get(name, set()) | (set() if is_closed else known.get(family(declared or name), set()))
    for model in sorted(bare):
        facts = view.catalogue.find(f"{name}/{model}", declared)
        if facts is not None and not _is_price_list(facts):
            yield Candidate(f"{name}/{model}", facts, region if isinstance(region, str) else None)


def _is_price_list(facts: Facts) -> bool:
    """Whether the name is LiteLLM's for what a model costs in a region (`azure/eu/gpt-4o`), and nobody's to call."""
    return facts.source == "litellm" and facts.name.startswith(("azure/", "bedrock/")) and facts.name.count("/") > 1
