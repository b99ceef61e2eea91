"""A mapping lacks a key that it needs.

What: A budget without an amount or a period, a fallback without a model, a variant without a weight, variants without
an experiment, and the like. Of a budget or an experiment any layer may say it.
Why: Half a budget never fires, and an experiment without a control has nothing to go back to when it ends.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    limits:
      budget: {usd: 5}  # AC103

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    limits:
      budget: {usd: 5, per: day}

Fix: Add the key that the message names.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.MISSING_KEY
