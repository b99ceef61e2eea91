"""What a call asks for before it begins, and what it took in the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentconf.config.agent import Agent
from agentconf.runtime.prices import Price
from agentconf.runtime.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Ask:
    """A call of one model. `tokens` are estimated: those of the prompt, and as many as the answer may have.

    `tree` tells trees apart that have agents of one name: the folder in full, or the server's address. `price` None is
    unknown. `is_beyond_budget` is for the cheaper entry that takes over when the budget is spent: it is counted, and
    not refused for the budget.
    """

    agent: Agent
    tree: str
    model: str
    price: Price | None
    tokens: Tokens
    is_beyond_budget: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What a call took. `cost_usd` None: the tokens at the price that was asked for."""

    tokens: Tokens = field(default_factory=Tokens)
    cost_usd: float | None = None


NOTHING = Spent(Tokens(), 0.0)
"""What a call took that never reached a model."""
