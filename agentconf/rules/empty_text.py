"""A text is empty where it should say something.

What: `owner`, `name`, `description` or `instructions` is `""` or white space.
Why: An empty text is a value: it replaces what lower layers say, and the model gets an empty system prompt.

Bad:

    owner: support@example.com
    instructions: ""  # AC754
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    instructions: Answer in one sentence.
    llm: {model: openai/gpt-4.1-mini}

Fix: Write something; `null` clears what is inherited.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.EMPTY_TEXT
_TEXTS: Final = ("name", "description", "owner", "instructions")


def check(view: AgentView) -> Iterator[Diagnostic]:
    """As resolved."""
    for key in _TEXTS:
        value = view.config.get(key)
        if value is not None and (not value or value.isspace()):
            yield view.finding(RULE, (key,), f"{key} is empty", f"write something, or {key}: null to clear it")
