"""The instructions alone fill the model's context window.

What: The system prompt is longer than `max_input_tokens` of one of the agent's models, at four characters a token, the
usual estimate for English text.
Why: Every call is refused, whatever the user says.

Bad:

    owner: support@example.com
    instructions: "Never promise a refund without a ticket number, and never name another customer."  # AC309
    llm: {model: openai/in-house}
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, max_input_tokens: 16}

Good:

    owner: support@example.com
    instructions: "Never promise a refund without a ticket number, and never name another customer."
    llm: {model: openai/in-house}
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, max_input_tokens: 8000}

Fix: Shorten them, or choose a model with a larger window.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.INSTRUCTIONS_TOO_LONG
NEEDS: Final = "instructions"
CHARACTERS_A_TOKEN: Final = 4


def check(view: AgentView) -> Iterator[Diagnostic]:
    """By the smallest window of the agent's models."""
    instructions = view.config.get("instructions")
    if not instructions:
        return
    tokens = len(instructions) // CHARACTERS_A_TOKEN
    for entry in view.entries:
        window = entry.facts.max_input_tokens if entry.facts is not None else None
        if window is not None and tokens > window:
            message = f"the instructions have about {tokens} tokens; '{entry.model}' takes {window}"
            yield view.finding(RULE, ("instructions",), message, "shorten them, or choose another model")
            return
