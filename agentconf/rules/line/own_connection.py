"""An agent brings a connection of its own.

What: `api_base`, `api_key`, `api_version` or `extra_headers` stands under `llm` in a tree that declares providers.
Why: The connections of such a tree were reviewed once, under `providers`. By one line in an agent its prompts, or a
key, would go to another address.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      api_base: https://elsewhere.example.com  # AC404
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Good:

    owner: support@example.com
    llm:
      model: elsewhere/gpt-4.1-mini
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}
      elsewhere: {type: openai, api_base: "https://elsewhere.example.com", api_key: "${env:ELSEWHERE_API_KEY}"}

Fix: Delete it. A new address is a new entry under `providers`.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.OWN_CONNECTION
