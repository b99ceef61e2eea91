"""The format has no such key here.

What: A key is misspelt, stands at the wrong depth, or belongs into another kind of file. `metadata` is free, and so are
keys that begin with `x-`.
Why: Elsewhere unknown keys are dropped without a word. So a setting that was to make things safe stayed at its default,
and an agent with `instructions` in the place of `instruction` ran without any prompt.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temprature: 0.2  # AC102

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      temperature: 0.2

Fix: Take the name from the hint, move the key where it belongs, or put `x-` in front to keep it switched off.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_KEY
