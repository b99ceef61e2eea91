"""The model is not served any more.

What: The day of its retirement has come, by `_models.yaml`, the lock or LiteLLM's catalogue.
Why: The provider refuses calls to it, or silently answers with another model at another price.

Bad:

    owner: support@example.com
    llm: {model: openai/in-house}  # AC302
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, retires: 2024-01-31, successor: openai/in-house-2}
      openai/in-house-2: {mode: chat}

Good:

    owner: support@example.com
    llm: {model: openai/in-house-2}
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, retires: 2024-01-31, successor: openai/in-house-2}
      openai/in-house-2: {mode: chat}

Fix: Take the successor. Where the finding names one, `agentconf validate --fix` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.RETIRED_MODEL


def check(view: AgentView) -> Iterator[Diagnostic]:
    """By the day that was handed in."""
    today = view.knowledge.today
    for entry in view.entries:
        facts = entry.facts
        if facts is not None and facts.retires is not None and facts.retires <= today:
            message = f"the model '{entry.model}' was retired on {facts.retires}"
            yield view.successor_finding(RULE, entry, message)
