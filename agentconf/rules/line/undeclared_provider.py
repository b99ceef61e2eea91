"""A provider that the tree does not declare.

What: Some layer of the agent declares `providers`, and the model's is not among them.
Why: A tree that declares providers says where prompts and money may go. Another one would be called without its key, or
with whatever key the machine happens to have.

Bad:

    owner: support@example.com
    llm: {model: mistral/mistral-large-2512}  # AC310
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Fix: Use one that is declared, or declare it under `providers`.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNDECLARED_PROVIDER
