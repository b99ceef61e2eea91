"""A model stands in its chain twice.

What: A fallback has the same model, on the same connection, as the primary or a fallback before it.
Why: What has just failed is tried again at once, and the next real fallback comes later.

Bad:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      fallbacks:
        - model: openai/gpt-4.1-mini  # AC610

Good:

    owner: support@example.com
    llm:
      model: openai/gpt-4.1-mini
      fallbacks:
        - model: anthropic/claude-haiku-4-5

Fix: Name another model; `num_retries` says how often the same one is tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView, Entry

RULE: Final = codes.DUPLICATE_FALLBACK


def check(view: AgentView) -> Iterator[Diagnostic]:
    """The same model at another address, or with other parameters, is another try."""
    for chain in view.chains:
        if len({entry.model for entry in chain}) == len(chain):
            continue
        for index, entry in enumerate(chain[1:], 1):
            if any(_same(entry, earlier) for earlier in chain[:index]):
                message = f"'{entry.model}' was tried before in this chain"
                hint = "name another model; num_retries says how often one is tried"
                yield view.finding(RULE, (*entry.path, "model"), message, hint)


def _same(one: Entry, other: Entry) -> bool:
    if one.model != other.model:
        return False
    left = {key: value for key, value in one.config.items() if key != "fallbacks"}
    return left == {key: value for key, value in other.config.items() if key != "fallbacks"}
