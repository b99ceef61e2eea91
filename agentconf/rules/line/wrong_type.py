"""A value of another type.

What: A text where a number belongs, a number where a text belongs, a text where a list or a mapping belongs.
Why: Elsewhere such a value travelled on until a program ended with an error that named neither file nor line.
Converted in silence, the text `"no"` becomes true.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: "0.2"  # AC101

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: 0.2

Fix: Do as the hint says: mostly there are quotes too many or too few, or a `-` is missing.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.WRONG_TYPE
