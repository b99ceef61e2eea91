"""A fallback costs more than the primary, under a budget.

What: The agent has a budget, and a fallback's price (a million tokens in and a million out) is above the primary's.
Why: When the primary fails, the budget is spent faster than planned, and the agent is blocked during the outage.

Bad:

    owner: support@example.com
    limits: {budget: {usd: 25, per: day}}
    llm:
      model: openai/gpt-4.1-mini
      fallbacks:
        - model: openai/gpt-4.1  # AC504

Good:

    owner: support@example.com
    limits: {budget: {usd: 25, per: day}}
    llm:
      model: openai/gpt-4.1-mini
      fallbacks:
        - model: openai/gpt-4.1-nano

Fix: Choose a fallback that costs no more, or raise the budget and excuse the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.COSTLIER_FALLBACK
NEEDS: Final = "limits"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Of known prices alone."""
    if not (view.config.get("limits") or {}).get("budget"):
        return
    for chain in view.chains:
        base = chain[0].cost if chain else None
        for entry in chain[1:] if base is not None else ():
            if entry.cost is not None and base is not None and entry.cost > base:
                said = f"{money(entry.cost)} (a million tokens in and out)"
                message = f"'{entry.model}' costs {said}, the primary {money(base)}"
                hint = "choose one that costs no more, or plan the budget for it"
                yield view.finding(RULE, (*entry.path, "model"), message, hint)


def money(dollars: float) -> str:
    """US dollars as people write them: `$0.075`, `$0.40`, `$12`."""
    whole, _, rest = f"{dollars:.4f}".partition(".")
    cents = rest.rstrip("0")
    return f"${whole}.{cents:0<2}" if cents else f"${whole}"
