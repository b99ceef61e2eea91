"""A reference to a source that does not exist.

What: A reference is written `${source:name}`, and the source is none of `env`, `file`, `fernet` and `age`.
Why: Nothing would be found when the call is made, and the text itself would be sent as the key.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${vault:secret/openai}"}  # AC402

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${file:/run/secrets/openai}"}

Fix: Use one of the four. A vault's agent writes a file: name that.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_SECRET_SOURCE
