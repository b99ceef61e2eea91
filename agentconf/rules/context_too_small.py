"""A model's context window is smaller than the agent requires.

What: `requires.min_context_tokens` is above `max_input_tokens` of the primary, a fallback or a variant.
Why: Long conversations then fail on that model, with an error of the provider, while short ones work.

Bad:

    owner: support@example.com
    requires: {min_context_tokens: 100000}
    llm:
      model: openai/in-house  # AC308
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, max_input_tokens: 8000}

Good:

    owner: support@example.com
    requires: {min_context_tokens: 8000}
    llm:
      model: openai/in-house
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, max_input_tokens: 8000}

Fix: Choose a model with a larger window: `agentconf models recommend --for AGENT`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.CONTEXT_TOO_SMALL
NEEDS: Final = "requires"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Where the window is known."""
    wanted = (view.config.get("requires") or {}).get("min_context_tokens", 0)
    for entry in view.entries if wanted else ():
        window = entry.facts.max_input_tokens if entry.facts is not None else None
        if window is not None and window < wanted:
            message = f"'{entry.model}' takes {window} tokens; the agent requires {wanted}"
            hint = f"choose one with 'agentconf models recommend --for {view.agent.id}'"
            yield view.finding(RULE, (*entry.path, "model"), message, hint)
