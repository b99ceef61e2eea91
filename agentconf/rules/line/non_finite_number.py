"""A number that is not finite.

What: `.inf`, `.nan`, or a number that is too large to be held, such as `1e999`.
Why: JSON has none of them, so that providers refuse the call; and a timeout without an end waits for ever.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      timeout: .inf  # AC013

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      timeout: 10m

Fix: Write a number, or delete the line.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.NON_FINITE_NUMBER
