"""Every model of an enabled agent is switched off.

What: The primary and all fallbacks have `enabled: false`.
Why: A call raises an error: there is nothing to call.

Bad:

    owner: support@example.com
    llm:  # AC613
      model: openai/gpt-4.1-mini
      enabled: false

Good:

    owner: support@example.com
    enabled: false
    llm:
      model: openai/gpt-4.1-mini

Fix: Switch the agent off as a whole, or one of its models on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.NOTHING_ENABLED


def check(view: AgentView) -> Iterator[Diagnostic]:
    """An agent that is switched off is meant to be."""
    llm = view.config.get("llm")
    if llm and llm.get("model") and not view.chains[0] and view.agent.enabled:
        message = "every model of this agent is switched off"
        yield view.key_finding(RULE, ("llm",), message, "write enabled: false for the agent, or switch one on")
