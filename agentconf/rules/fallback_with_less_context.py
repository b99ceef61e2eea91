"""A fallback takes less text than the primary.

What: `max_input_tokens` of a fallback is below the primary's.
Why: Long conversations that the primary answers fail on the fallback, just when it is needed.

Bad:

    owner: support@example.com
    llm:
      model: openai/in-house
      fallbacks:
        - model: openai/in-house-small  # AC611
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, max_input_tokens: 32000}
      openai/in-house-small: {mode: chat, max_input_tokens: 8000}

Good:

    owner: support@example.com
    requires: {min_context_tokens: 8000}
    llm:
      model: openai/in-house
      fallbacks:
        - model: openai/in-house-small
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, max_input_tokens: 32000}
      openai/in-house-small: {mode: chat, max_input_tokens: 8000}

Fix: Choose a fallback with as large a window, or say in `requires.min_context_tokens` what is enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.FALLBACK_WITH_LESS_CONTEXT


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Where the agent says how much it needs, that is what counts, and is a rule of its own."""
    if (view.config.get("requires") or {}).get("min_context_tokens"):
        return
    for chain in view.chains:
        window = chain[0].facts.max_input_tokens if len(chain) > 1 and chain[0].facts else None
        for entry in chain[1:] if window else ():
            its = entry.facts.max_input_tokens if entry.facts is not None else None
            if its is not None and window is not None and its < window:
                message = f"'{entry.model}' takes {its} tokens, the primary {window}"
                hint = "choose one with as large a window, or say requires.min_context_tokens"
                yield view.finding(RULE, (*entry.path, "model"), message, hint)
