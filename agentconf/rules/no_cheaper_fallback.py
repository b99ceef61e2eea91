"""A budget asks for a cheaper fallback, and there is none.

What: `on_exceeded: fallback`, and no entry of the chain is known to cost less than the primary.
Why: When the budget is spent there is nothing to fall back to, and the agent is blocked after all.

Bad:

    owner: support@example.com
    limits: {budget: {usd: 25, per: day, on_exceeded: fallback}}  # AC506
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    limits: {budget: {usd: 25, per: day, on_exceeded: fallback}}
    llm:
      model: openai/gpt-4.1-mini
      fallbacks:
        - model: openai/gpt-4.1-nano

Fix: Add a cheaper fallback, or write `on_exceeded: block`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.NO_CHEAPER_FALLBACK
NEEDS: Final = "limits"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """An unknown price is not a lower one."""
    budget = (view.config.get("limits") or {}).get("budget")
    if not budget or budget.get("on_exceeded") != "fallback" or not view.chains[0]:
        return
    base = view.chains[0][0].cost
    if base is None or not any(entry.cost is not None and entry.cost < base for entry in view.chains[0][1:]):
        message = "no fallback is known to cost less than the primary"
        hint = "add a cheaper fallback, or write on_exceeded: block"
        yield view.finding(RULE, ("limits", "budget", "on_exceeded"), message, hint)
