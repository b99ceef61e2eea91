"""`extra` holds what is not its to say.

What: `llm.extra` has a key that the format defines, or one of LiteLLM's for connections, routing, credentials,
callbacks or mocks.
Why: `extra` is handed on as it is. With such a key an agent would leave the connections that were reviewed, send its
prompts to a log of its own, or answer from a test's script.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      extra:
        base_url: https://elsewhere.example.com  # AC405

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      extra:
        logit_bias: {"50256": -100}

Fix: Do as the hint says: keys of the format stand beside `extra`, connections under `providers`.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.RESERVED_EXTRA
