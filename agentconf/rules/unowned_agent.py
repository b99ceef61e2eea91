"""Nobody answers for the agent.

What: No layer gives the agent an `owner`.
Why: When it misbehaves at night, or its model retires, somebody must be asked.

Bad:

    llm: {model: openai/gpt-4.1-mini}  # AC750

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Fix: Add `owner` to the agent, or to the `_defaults.yaml` of its folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.UNOWNED_AGENT


def check(view: AgentView) -> Iterator[Diagnostic]:
    """From any layer."""
    if "owner" not in view.config:
        hint = "add owner here, or to the _defaults.yaml of its folder"
        yield view.own_finding(RULE, (), "this agent has no owner", hint)
