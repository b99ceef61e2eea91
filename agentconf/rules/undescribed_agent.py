"""Nothing says what the agent is for.

What: The agent has no `description`.
Why: Reviewers, and agents that delegate to it, choose by what it says of itself.

Bad:

    owner: support@example.com  # AC751
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    description: Sorts incoming tickets.
    llm: {model: openai/gpt-4.1-mini}

Fix: Add a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.UNDESCRIBED_AGENT


def check(view: AgentView) -> Iterator[Diagnostic]:
    """A description of another layer is not about this agent, but counts: somebody meant it."""
    if "description" not in view.config:
        yield view.own_finding(RULE, (), "this agent has no description", "add a description of one sentence")
