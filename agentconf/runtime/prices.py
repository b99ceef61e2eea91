"""What the tokens of a model cost an agent: by what the agent says, then by what is known of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from agentconf.catalogue.facts import Facts
from agentconf.config.agent import Agent, Cost, ModelEntry
from agentconf.config.merge import provider_of
from agentconf.live.installed import load_litellm
from agentconf.runtime.tokens import Tokens
from agentconf.snapshot.snapshot import Snapshot

_MILLION: Final = 1_000_000
_KEPT: Final = 10_000
"""Prices that are kept at most: calls may bring a `cost` of their own, each another."""

_Key: TypeAlias = tuple[str, str, Cost | None]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; 0 is free. `cached_input_per_million` None: they cost what others in cost."""

    input_per_million: float
    output_per_million: float
    cached_input_per_million: float | None = None

    def cost(self, tokens: Tokens) -> float:
        """US dollars."""
        cached_price = self.cached_input_per_million
        if cached_price is None:
            cached_price = self.input_per_million
        cached = min(tokens.cached, tokens.input)
        dollars = (tokens.input - cached) * self.input_per_million
        dollars += cached * cached_price + tokens.output * self.output_per_million
        return dollars / _MILLION

    def is_below(self, other: Price) -> bool:
        """Whether a million tokens in and a million out cost less: how the rules compare entries, too."""
        mine = self.input_per_million + self.output_per_million
        return mine < other.input_per_million + other.output_per_million


class Prices:
    """The prices and facts of one snapshot, each looked up once. Safe among threads."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._catalogue = snapshot.models.catalogue(load_litellm)
        self._known: dict[_Key, Price | None] = {}

    def of(self, agent: Agent, entry: ModelEntry) -> Price | None:
        """The entry's own `cost`, key by key, then the facts. None where the price in or the price out is unknown."""
        if entry.model is None:
            return None
        key = (entry.model, _type_of(agent, entry.model), entry.cost)
        try:
            return self._known[key]
        except KeyError:
            if len(self._known) >= _KEPT:
                self._known.clear()
            price = self._known[key] = _price(entry.cost, self._catalogue.find(*key[:2]))
            return price

    def facts(self, agent: Agent, entry: ModelEntry) -> Facts | None:
        """What is known of the entry's model, its context window and longest answer among it; None where nothing is."""
        if entry.model is None:
            return None
        return self._catalogue.find(entry.model, _type_of(agent, entry.model))


def _type_of(agent: Agent, model: str) -> str:
    """LiteLLM's name for the model's provider, which the tree may have given one of its own."""
    name = provider_of(model)
    declared = agent.providers.get(name)
    return (declared.type if declared is not None else None) or name


def _price(said: Cost | None, facts: Facts | None) -> Price | None:
    into, out, cached = (
        _first(getattr(said, key, None), getattr(facts, key, None))
        for key in ("input_per_million", "output_per_million", "cached_input_per_million")
    )
    return None if into is None or out is None else Price(into, out, cached)


def _first(said: float | None, known: float | None) -> float | None:
    return known if said is None else float(said)
