"""A key stands twice in one mapping.

What: The same key is said twice, one below the other, often many lines apart.
Why: Most parsers keep the last one without a word. A reviewer reads the first, and the program takes the other: such
files have been seen in public, with two different settings for one model.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: 0.1
      temperature: 0.9  # AC004

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: 0.1

Fix: Keep one of them.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.DUPLICATE_KEY
