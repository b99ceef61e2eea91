"""The dearest model of a chain costs many times the primary.

What: The worst case of the chain (a million tokens in and a million out, at its dearest model) is above
`chain_cost_factor` of the settings (10 by default) times the primary's price.
Why: One outage of the primary's provider multiplies the bill, budget or not.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-nano
      fallbacks:
        - model: openai/gpt-4.1  # AC505

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-nano
      fallbacks:
        - model: openai/gpt-4.1-mini

Fix: Choose a cheaper fallback, or say in the settings what factor is right for this tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.costlier_fallback import money
from agentconf.rules.view import AgentView

RULE: Final = codes.COSTLY_CHAIN


def check(view: AgentView) -> Iterator[Diagnostic]:
    """On the dearest model of each chain. From a free primary no factor can be told, and none is."""
    factor = view.knowledge.chain_cost_factor
    for chain in view.chains:
        base = chain[0].cost if len(chain) > 1 else None
        if not base:
            continue
        dearest = max(chain, key=lambda entry: entry.cost or 0)
        worst = dearest.cost or 0
        if worst > factor * base:
            times = f"{worst / base:.0f} times the primary's {money(base)}"
            message = f"the worst case of this chain is {money(worst)}, {times}"
            hint = f"choose a cheaper fallback, or set chain_cost_factor (now {factor:g}) in _settings.yaml"
            yield view.finding(RULE, (*dearest.path, "model"), message, hint)
