"""The budget is zero.

What: `limits.budget.usd` is 0.
Why: With `on_exceeded: block` every call that costs anything is refused, which `enabled: false` says more clearly.

Bad:

    owner: support@example.com
    limits: {budget: {usd: 0, per: day}}  # AC502
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    limits: {budget: {usd: 5, per: day}}
    llm: {model: openai/gpt-4.1-mini}

Fix: Write what the agent may spend, or `enabled: false`, or `budget: null` for no budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.ZERO_BUDGET
NEEDS: Final = "limits"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Whatever happens when it is exceeded."""
    budget = (view.config.get("limits") or {}).get("budget")
    if budget and budget.get("usd") == 0:
        hint = "write what the agent may spend; budget: null for no budget, enabled: false for no calls"
        yield view.finding(RULE, ("limits", "budget", "usd"), "the budget is zero", hint)
