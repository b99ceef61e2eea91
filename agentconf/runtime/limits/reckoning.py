"""An agent's limits, a call's estimate and its outcome, as the numbers that a store counts."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from agentconf.config.agent import Agent, Limits
from agentconf.runtime.limits.ask import Ask, Spent
from agentconf.runtime.limits.periods import periods_at
from agentconf.runtime.limits.store import PER_DOLLAR, Bounds, Claim, Hold, Key, Used

_DEAREST_USD: Final = 1e9


class Let(NamedTuple):
    """A call that was let in: what it asked for, and what it holds."""

    ask: Ask
    claim: Claim
    hold: Hold


def bounds_of(agent: Agent) -> Bounds | None:
    """What the agent is limited to; None where it is not."""
    limits = agent.limits
    return None if limits is None else _bounds(limits)


def claim_of(ask: Ask, bounds: Bounds, now: float) -> Claim:
    """What a call would reserve; without a budget, or where the price is unknown, no money."""
    cost = nano(ask.price.cost(ask.tokens)) if ask.price is not None and bounds.usd is not None else 0
    key = Key(ask.tree, ask.agent.environment or "", ask.agent.id)
    budget = ask.agent.limits.budget if ask.agent.limits is not None else None
    is_capped = budget is not None and budget.on_exceeded != "warn" and not ask.is_beyond_budget
    return Claim(key, bounds, now, periods_at(now), cost, ask.tokens.total, is_capped)


def used_by(ask: Ask, spent: Spent) -> Used:
    """What a call took; an unknown cost is that of its tokens, at the price that was asked for."""
    usd = spent.cost_usd
    if usd is None:
        usd = ask.price.cost(spent.tokens) if ask.price is not None else 0.0
    return Used(nano(usd), spent.tokens.total)


def nano(usd: float) -> int:
    """Billionths of a dollar. What is no amount at all counts as nothing."""
    return round(min(usd, _DEAREST_USD) * PER_DOLLAR) if usd > 0 and not math.isnan(usd) else 0


def _bounds(limits: Limits) -> Bounds | None:
    budget = limits.budget
    rates = (limits.requests_per_minute, limits.tokens_per_minute, limits.max_parallel)
    if budget is None:
        return None if rates == (None, None, None) else Bounds(None, "day", 0, *rates)
    usd = nano(budget.usd)
    return Bounds(usd, budget.per, math.ceil(usd * budget.alert_at), *rates)
