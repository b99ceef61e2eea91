"""The model will soon not be served any more.

What: The day of its retirement is at most 90 days away.
Why: The change to another model wants tests and a review, and is better made before the provider makes it.

Bad:

    owner: support@example.com
    llm: {model: openai/in-house}  # AC303
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, retires: 2026-07-31, successor: openai/in-house-2}
      openai/in-house-2: {mode: chat}

Good:

    owner: support@example.com
    llm: {model: openai/in-house-2}
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, retires: 2026-07-31, successor: openai/in-house-2}
      openai/in-house-2: {mode: chat}

Fix: Take the successor. Where the finding names one, `agentconf validate --fix` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.outlook import RETIRING_DAYS
from agentconf.rules.view import AgentView

RULE: Final = codes.RETIRING_MODEL


def check(view: AgentView) -> Iterator[Diagnostic]:
    """By the day that was handed in."""
    today = view.knowledge.today
    for entry in view.entries:
        facts = entry.facts
        if facts is not None and facts.retires is not None and 0 < (facts.retires - today).days <= RETIRING_DAYS:
            left = (facts.retires - today).days
            days = "1 day" if left == 1 else f"{left} days"
            message = f"the model '{entry.model}' retires on {facts.retires}, in {days}"
            yield view.successor_finding(RULE, entry, message)
