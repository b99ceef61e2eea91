"""The model does not chat.

What: An agent names a model for embeddings, images, speech or another purpose.
Why: A call with messages is refused by the provider.

Bad:

    owner: support@example.com
    llm: {model: openai/text-embedding-3-small}  # AC312

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Fix: Name a model that answers messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.NOT_A_CHAT_MODEL
_ANSWERS: Final = frozenset(("chat", "completion", "responses"))


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Where the catalogue says what the model is for."""
    for entry in view.entries:
        mode = entry.facts.mode if entry.facts is not None else None
        if mode is not None and mode not in _ANSWERS:
            message = f"'{entry.model}' is not for chat but for {mode.replace('_', ' ')}"
            yield view.finding(RULE, (*entry.path, "model"), message, "name a model that answers messages")
