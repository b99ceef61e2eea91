"""A model lacks what the agent requires.

What: `requires.capabilities` names something that the primary, a fallback or a variant cannot do.
Why: The agent works until the first failover, and then calls tools, or shows images, to a model that has none.

Bad:

    owner: support@example.com
    requires: {capabilities: [vision]}
    llm:
      model: openai/in-house  # AC306
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, capabilities: [tools]}

Good:

    owner: support@example.com
    requires: {capabilities: [tools]}
    llm:
      model: openai/in-house
    # in _models.yaml
    models:
      openai/in-house: {mode: chat, capabilities: [tools]}

Fix: Choose a model that has it: `agentconf models recommend --for AGENT`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.LACKING_CAPABILITY
NEEDS: Final = "requires"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """What is known to be missing; what is unknown is another finding."""
    wanted = (view.config.get("requires") or {}).get("capabilities", ())
    for entry in view.entries if wanted else ():
        lacking = [name for name in wanted if entry.facts and entry.facts.has(name) is False]
        if lacking:
            message = f"'{entry.model}' lacks what the agent requires: {', '.join(lacking)}"
            hint = f"choose one with 'agentconf models recommend --for {view.agent.id}'"
            yield view.finding(RULE, (*entry.path, "model"), message, hint)
