"""A key with nothing behind it.

What: `temperature:` with nothing behind, or a `-` alone in a list.
Why: To YAML it is a null, which clears what is inherited. To its author it was often a value to be filled in later, or
one that was deleted in a hurry.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature:  # AC015

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: null

Fix: Write `null` to clear what is inherited, or delete the line to inherit it.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.EMPTY_VALUE
