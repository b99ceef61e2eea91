"""An agent delegates to one that does not exist.

What: `delegates` names no agent of the tree.
Why: The call fails in the middle of a conversation, and the agent that made it has to make do without an answer.

Bad:

    owner: support@example.com
    delegates: [analist]  # AC203
    llm: {model: openai/gpt-4.1-mini}
    # in analyst.yaml
    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    delegates: [analyst]
    llm: {model: openai/gpt-4.1-mini}
    # in analyst.yaml
    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Fix: Mend the id, or add the agent.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_DELEGATE
