"""An excuse that excuses nothing.

What: A comment excuses a rule that finds nothing on its line, that does not exist, or that cannot be excused.
Why: It was left behind when the line was mended, or stands on the wrong one. The next mistake on that line would then
pass without a word.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    limits: {budget: {usd: 5, per: day}}  # agentconf: allow zero-budget -- paused until June  # AC220

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    limits: {budget: {usd: 5, per: day}}

Fix: Delete the comment, or put it on the line of the finding, or on one of its own above.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.USELESS_EXCUSE
