"""What calls need of an agent, worked out once for as long as the agent stays the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from agentconf.config.agent import Agent, ModelEntry
from agentconf.errors import AgentconfError, AgentNotFound, KeyNotFound
from agentconf.runtime.arguments import extra_of, no_model, parameters_of, thawed
from agentconf.runtime.connection import Connection, Reveal, brought, connection_of
from agentconf.runtime.cooling import Place
from agentconf.runtime.door import taken_parameters
from agentconf.runtime.own import Own
from agentconf.runtime.prices import Price, Prices
from agentconf.snapshot.snapshot import Snapshot

OWN_LAYERS: Final = frozenset(("profile", "agent", "variant", "environment-overrides", "agent-environment"))
"""The layers that are an agent's own: those below it say what holds for everybody."""
UNSAID_RETRIES: Final = 2
"""As often LiteLLM tries again by itself, where nobody says how often: OpenAI's SDK does."""


@dataclass(slots=True)
class Step:
    """One model that may be called. `fault` says why it cannot be, where that is known before the call."""

    entry: ModelEntry
    model: str
    price: Price | None = None
    window: int | None = None
    connection: Connection | None = None
    fault: AgentconfError | None = None
    _parameters: dict[bool, dict[str, Any]] = field(default_factory=dict)

    @property
    def retries(self) -> int:
        return UNSAID_RETRIES if self.entry.num_retries is None else self.entry.num_retries

    def trying(self, retries: int) -> Step:
        """The same step with another number of retries."""
        return replace(self, entry=self.entry.model_copy(update={"num_retries": retries}))

    @property
    def provider(self) -> str:
        """LiteLLM's name of it."""
        return self.connection.type if self.connection else self.model.partition("/")[0]

    @property
    def connection_model(self) -> str:
        """The model by LiteLLM's name."""
        return self.connection.model if self.connection else self.model

    @property
    def places(self) -> tuple[Place, Place]:
        """What may fail as a whole: the connection, and the model behind it."""
        connection = self.connection
        place = (connection.name, str(connection.arguments.get("api_base", ""))) if connection else (self.model,)
        return place, (*place, self.model)

    def arguments(self, reveal: Reveal, said: Mapping[str, Any], *, stream: bool) -> dict[str, Any]:
        """LiteLLM's arguments, with what a call says above them. Raises NoModel, NoConnection, SecretUnavailable."""
        if self.connection is None:
            raise self.fault or no_model_named(self.model)
        merged = {**self._taken(stream), **extra_of(self.entry), **said}
        if stream and "stream_timeout" in said:  # cleared for this call: the timeout of whole answers holds
            merged["timeout"] = said.get("timeout", self.entry.timeout)
        merged = {key: thawed(value) for key, value in merged.items() if value is not None}
        return {**merged, **self.connection.revealed(reveal)}

    def _taken(self, stream: bool) -> dict[str, Any]:
        """What the entry sets, but for what LiteLLM would refuse for this model: validation has warned of it."""
        found = self._parameters.get(stream)
        if found is None:
            found = parameters_of(self.entry, stream=stream)
            found.pop("num_retries", None)
            taken = taken_parameters(self.connection_model)
            if taken is not None:
                found = {key: value for key, value in found.items() if key in taken or key in _NOT_OF_THE_MODEL}
            if stream and (taken is None or "stream_options" in taken):
                found["stream_options"] = {"include_usage": True}
            self._parameters[stream] = found
        return found


_NOT_OF_THE_MODEL: Final = frozenset(("timeout", "stream"))


def no_model_named(model: str) -> AgentconfError:
    return AgentconfError(f"the model '{model}' cannot be called")


@dataclass
class Plan:
    """An agent's models in the order in which they are tried, disabled ones left out."""

    snapshot: Snapshot
    source: Agent
    """The agent as the snapshot has it."""
    agent: Agent
    """The same, as the callers of a variant get it."""
    prices: Prices
    variant: str | None = None

    def steps_for(self, model: str | None, own: Own | None, retries: int | None) -> tuple[Step, ...]:
        """The steps of one call, which may choose a model, bring a connection, or say how often to try again.

        Raises NoModel.
        """
        steps = self.with_own(own) if own is not None else self.steps if model is None else self.with_model(model)
        if not steps:
            raise no_model(self.agent)
        return steps if retries is None else tuple(step.trying(retries) for step in steps)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        entries = (self.agent.llm, *self.agent.llm.fallbacks)
        return tuple(self._step(entry) for entry in entries if entry.enabled)

    @cached_property
    def selects_its_model(self) -> bool:
        """Whether the agent's own layers say which model it uses."""
        try:
            path = "llm.model" if self.variant is None else f"variants.{self.variant}.llm.model"
            explained = self.snapshot.explain(self.agent.id, path)
        except (AgentNotFound, KeyNotFound):
            return False
        return any(layer.wins and layer.layer in OWN_LAYERS for layer in explained.layers)

    def with_model(self, model: str) -> tuple[Step, ...]:
        """The steps where a call chooses another model for the primary."""
        first = self._step(self._primary_with(model))
        return (first, *self.steps[1:]) if self.agent.llm.enabled else (first, *self.steps)

    def with_own(self, own: Own) -> tuple[Step, ...]:
        """The one step where the caller's user brings a connection."""
        entry = self._primary_with(own.model)
        step = Step(entry, own.model, self.prices.of(self.agent, entry))
        try:
            step.connection = brought(own.model, own.arguments())
        except AgentconfError as fault:
            step.fault = fault
        return (step,)

    def _primary_with(self, model: str) -> ModelEntry:
        """The primary with another model, whose price is not what the agent says of its own."""
        return self.agent.llm.model_copy(update={"model": model, "enabled": True, "cost": None})

    def _step(self, entry: ModelEntry) -> Step:
        step = Step(entry, entry.model or "")
        try:
            step.connection = connection_of(self.agent, entry)
        except AgentconfError as fault:
            step.fault = fault
        if entry.model is not None:
            step.price = self.prices.of(self.agent, entry)
            facts = self.prices.facts(self.agent, entry)
            step.window = facts.max_input_tokens if facts is not None else None
        return step
