"""The answer may be longer than the model can give.

What: `max_tokens` is above the model's limit for one answer; where that is unknown, above `max_tokens_ceiling` of the
settings (200,000 by default).
Why: Most providers refuse such a call, each one, from the first on.

Bad:

    owner: support@example.com
    llm:
      model: openai/in-house
      max_tokens: 8000  # AC304
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, max_input_tokens: 32000, max_output_tokens: 4000}

Good:

    owner: support@example.com
    llm:
      model: openai/in-house
      max_tokens: 4000
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, max_input_tokens: 32000, max_output_tokens: 4000}

Fix: Lower it, or choose a model with longer answers. A fallback inherits the primary's: give it its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView, Entry

RULE: Final = codes.MAX_TOKENS_ABOVE_LIMIT


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Of each model, since a fallback inherits the primary's `max_tokens`."""
    for entry in view.entries:
        wanted = entry.config.get("max_tokens")
        if wanted is None:
            continue
        limit = entry.facts.max_output_tokens if entry.facts is not None else None
        if limit is not None and wanted > limit:
            message = f"max_tokens is {wanted}; '{entry.model}' gives at most {limit}"
            yield view.finding(RULE, (*entry.path, "max_tokens"), message, f"write at most {limit}{_for(entry)}")
        elif limit is None and wanted > view.knowledge.max_tokens_ceiling:
            ceiling = view.knowledge.max_tokens_ceiling
            message = f"max_tokens is {wanted}; nothing is known of '{entry.model}', and the ceiling is {ceiling}"
            hint = "lower it, or say the model's max_output_tokens in _models.yaml"
            yield view.finding(RULE, (*entry.path, "max_tokens"), message, hint)


def _for(entry: Entry) -> str:
    return " in the fallback itself" if entry.is_fallback else ""
