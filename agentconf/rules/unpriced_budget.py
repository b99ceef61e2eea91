"""A budget cannot count one of the agent's models.

What: `limits.budget` is set, and the input or output price of the primary, a fallback or a variant is unknown.
Why: An unknown price is not a price of zero: calls to that model would cost money that no budget sees, so that it
never fires.

Bad:

    owner: support@example.com
    limits: {budget: {usd: 25, per: day}}
    llm: {model: openai/in-house}  # AC501
    # in _models.yaml
    models:
      openai/in-house: {mode: chat}

Good:

    owner: support@example.com
    limits: {budget: {usd: 25, per: day}}
    llm: {model: openai/in-house}
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, input_per_million: 1.5, output_per_million: 2}

Fix: Write `cost` beside the model, or its prices in `_models.yaml`; 0 says that it is free.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.UNPRICED_BUDGET
NEEDS: Final = "limits"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Where neither lock nor catalogue is there, nothing is known of prices, and that is said once for the tree."""
    if not (view.config.get("limits") or {}).get("budget"):
        return
    for entry in view.entries:
        if entry.cost is None and (entry.facts is not None or view.knowledge.can_tell):
            message = f"the budget cannot count '{entry.model}': its price is unknown"
            hint = "write its cost here, or its prices in _models.yaml; 0 is free"
            yield view.finding(RULE, (*entry.path, "model"), message, hint)
