"""A word that is none of those that are known.

What: A key takes a few words alone, and this is another; the message lists them.
Why: A word that nothing knows has no effect, or the wrong one: a budget for a period that nobody counts would never
fire.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    limits:
      budget: {usd: 5, per: week}  # AC105

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    limits:
      budget: {usd: 20, per: month}

Fix: Take one of the words in the message.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_VALUE
