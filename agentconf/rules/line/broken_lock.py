"""The lock of the models cannot be used.

What: `_models.lock.json` is not what `agentconf models lock` writes: it has another format, or was changed by hand or
by a merge. Facts are looked up without it.
Why: A lock is there so that a commit is judged the same next month. Prices that a merge put together from two sides
were true on neither.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _models.lock.json
    {"format": 1, "litellm": "1.106.2", "digest": "sha256:changed-by-hand", "models": {}}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Fix: Run `agentconf models lock` and commit what it writes; after a merge too.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.BROKEN_LOCK
