"""A budget on models that are all free.

What: `limits.budget` is set, and every model of the agent costs 0 in and out.
Why: It never fires. Either a price is wrong, or a limit on calls or tokens was meant.

Bad:

    owner: support@example.com
    limits: {budget: {usd: 25, per: day}}  # AC503
    llm: {model: openai/in-house}
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, input_per_million: 0, output_per_million: 0}

Good:

    owner: support@example.com
    limits: {tokens_per_minute: 100000}
    llm: {model: openai/in-house}
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, input_per_million: 0, output_per_million: 0}

Fix: Mend the price, or limit `tokens_per_minute` or `requests_per_minute` instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.IDLE_BUDGET
NEEDS: Final = "limits"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Of known prices alone, and where the agent's own file says the budget: a shared one counts for others too."""
    budget = (view.config.get("limits") or {}).get("budget")
    if budget and view.entries and all(entry.cost == 0 for entry in view.entries):
        message = "this budget never fires: all models of the agent are free"
        hint = "mend the price, or limit tokens_per_minute or requests_per_minute"
        found = view.finding(RULE, ("limits", "budget"), message, hint)
        if found.file == view.agent.file:
            yield found
