"""An excuse that gives no reason.

What: A comment `# agentconf: allow NAME` has no `--` with a reason behind it. It excuses nothing.
Why: Whoever comes next must be able to tell whether the reason still holds. Without one nobody dares to remove it.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    limits: {budget: {usd: 0, per: day}}  # agentconf: allow zero-budget

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    limits: {budget: {usd: 0, per: day}}  # agentconf: allow zero-budget -- paused until the review in June

Fix: Add `--` and why.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.EXCUSE_WITHOUT_REASON
