"""No layer names a model.

What: Neither the agent nor anything that it inherits from has `llm.model`. It is a warning where the tree declares no
providers, since the machine that serves the agent may name one.
Why: Some default of a program would answer instead, at a price that nobody has looked up.

Bad:

    owner: support@example.com  # AC311
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Fix: Add `llm: {model: provider/model}` to the agent or to its defaults.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.NO_MODEL
