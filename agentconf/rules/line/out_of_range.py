"""A number or a text outside of its bounds.

What: A temperature above 2, a timeout of 0, a name of more than 128 characters; the message says the bounds.
Why: The provider refuses every call, from the first request after the merge on.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: 2.5  # AC104

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: 1.5

Fix: Change it to what the bounds allow.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.OUT_OF_RANGE
