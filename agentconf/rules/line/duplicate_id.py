"""Two files with one id.

What: Two files of the tree give the same agent, or are the same layer: in two folders, or as `.yaml` and `.yml`.
Why: Only one of them could be served. Elsewhere the second shadows the first, or calls are shared out among both, and
whoever edits the wrong one wonders why nothing happens.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in trading/assistant.yaml
    owner: trading@example.com  # AC108
    llm: {model: openai/gpt-4.1}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in trading/trading-assistant.yaml
    owner: trading@example.com
    llm: {model: openai/gpt-4.1}

Fix: Rename one of them: folders are for ownership and defaults, not for names.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.DUPLICATE_ID
