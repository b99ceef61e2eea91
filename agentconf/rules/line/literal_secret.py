"""Something else than a reference where a secret belongs.

What: `api_key`, a header that holds a key, or a credential in `params` has a value that is not a reference. The value
is in no message and no output.
Why: What was committed stays in the history, and everybody who may read the repository has it. Elsewhere keys from the
configuration also came out in stack traces, error messages and the audit log itself.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: not-a-real-key}  # AC401

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Fix: Write `${env:NAME}` or `${file:/path}`, and revoke a key that was committed.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.LITERAL_SECRET
