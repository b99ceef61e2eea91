"""What a change would have cost, by recorded usage. What is unknown is named, and never counted as zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agentconf.diff.meanings.instructions import tokens_of
from agentconf.diff.sides import Pair
from agentconf.diff.usage import Record
from agentconf.rules.outlook import prices_of
from agentconf.rules.view import AgentView, Entry

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class AgentCost:
    """US dollars over the period of the records, on both sides; None where a price is unknown."""

    agent: str
    environment: str | None
    calls: int
    before: float | None
    after: float | None
    prompt_tokens: int = 0
    """How many more, about, the system prompt takes in each call."""

    def as_json(self) -> dict[str, Any]:
        return {
            "agent": self.agent, "environment": self.environment, "calls": self.calls,
            "before": _rounded(self.before), "after": _rounded(self.after), "prompt_tokens": self.prompt_tokens,
        }  # fmt: skip


@dataclass(slots=True)
class Forecast:
    """The agents that change and have a record; `unrecorded` and `unpriced` are those that cannot be counted.

    `unmatched` are records of models that the base does not name, as `agent (model)`: calls of the first model, then.
    """

    agents: list[AgentCost] = field(default_factory=list)
    unrecorded: set[str] = field(default_factory=set)
    unpriced: set[str] = field(default_factory=set)
    unmatched: set[str] = field(default_factory=set)

    @property
    def before(self) -> float:
        """US dollars of all that can be counted, as the base has it."""
        return sum(one[0] for one in self._counted())

    @property
    def after(self) -> float:
        """The same, as the head has it."""
        return sum(one[1] for one in self._counted())

    @property
    def is_empty(self) -> bool:
        """Whether no agent could be counted: then there is no total, not one of zero."""
        return next(self._counted(), None) is None

    @property
    def has_estimate(self) -> bool:
        """Whether the tokens of prompts that changed are part of the total."""
        return any(one.prompt_tokens and one.after is not None for one in self.agents)

    def _counted(self) -> Iterator[tuple[float, float]]:
        for one in self.agents:
            if one.before is not None and one.after is not None:
                yield one.before, one.after

    def join(self, other: Forecast) -> None:
        """Add what was counted of other agents."""
        self.agents += other.agents
        self.unrecorded |= other.unrecorded
        self.unpriced |= other.unpriced
        self.unmatched |= other.unmatched

    def add(self, pair: Pair, records: list[Record] | None) -> None:
        """Count an agent that changes, in one environment."""
        if not records:
            self.unrecorded.add(pair.name)
            return
        more = _prompt_tokens(pair.after) - _prompt_tokens(pair.before) if pair.before and pair.after else 0
        cost = AgentCost(
            pair.name,
            pair.environment,
            sum(record.calls for record in records),
            _total(records, pair.before, pair.before),
            _total(records, pair.after, pair.before, more),
            more,
        )
        self.agents.append(cost)
        known = {entry.model for entry in pair.before.entries} if pair.before else set()
        self.unmatched |= {f"{pair.name} ({record.model})" for record in records if record.model not in known}
        if cost.before is None or cost.after is None:
            self.unpriced.add(pair.name)

    def as_json(self) -> dict[str, Any]:
        return {
            "before": _rounded(self.before),
            "after": _rounded(self.after),
            "agents": [one.as_json() for one in self.agents],
            "unrecorded": sorted(self.unrecorded),
            "unpriced": sorted(self.unpriced),
            "unmatched": sorted(self.unmatched),
        }


def _total(records: list[Record], side: AgentView | None, base: AgentView | None, more: int = 0) -> float | None:
    """The records at the prices of one side, with `more` tokens in each call. One that is not there costs nothing."""
    if side is None:
        return 0.0
    total = 0.0
    for record in records:
        entry = _answering(record.model, side, base)
        price_in, price_out = prices_of(entry.facts, entry.config.get("cost") or {}) if entry else (None, None)
        if price_in is None or price_out is None:
            return None
        tokens_in = max(record.input_tokens + record.calls * more, 0)
        total += (tokens_in * price_in + record.output_tokens * price_out) / _MILLION
    return total


def _prompt_tokens(side: AgentView) -> int:
    return tokens_of(side.config.get("instructions"))


def _answering(model: str, side: AgentView, base: AgentView | None) -> Entry | None:
    """Which model would have answered: the same one where the chain still has it, else the one in its place.

    What the base's primary answered, the head's primary would have; a fallback that is gone, the primary too.
    """
    was_primary = base is not None and base.primary is not None and base.primary.model == model
    if was_primary:
        return side.primary
    return next((entry for entry in side.entries if entry.model == model), side.primary)


def _rounded(dollars: float | None) -> float | None:
    return None if dollars is None else round(dollars, 6)
