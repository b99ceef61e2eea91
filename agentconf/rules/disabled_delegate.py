"""An agent delegates to one that is switched off.

What: `delegates` names an agent that is disabled in an environment.
Why: The call fails there, in the middle of a conversation.

Bad:

    owner: support@example.com
    delegates: [analyst]  # AC213
    llm: {model: openai/gpt-4.1-mini}
    # in analyst.yaml
    owner: support@example.com
    enabled: false
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    delegates: [analyst]
    llm: {model: openai/gpt-4.1-mini}
    # in analyst.yaml
    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Fix: Switch it on, or take it out of `delegates`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.seen import Whole

RULE: Final = codes.DISABLED_DELEGATE


def check_tree(whole: Whole) -> Iterator[Diagnostic]:
    """Of agents that are switched on themselves."""
    told: set[tuple[str, str]] = set()
    for environment in whole.environments:
        disabled = whole.seen.disabled.get(environment, set())
        for agent, one in whole.seen.delegating.get(environment, {}).items() if disabled else ():
            for index, name in enumerate(one.names):
                if name in disabled and agent not in disabled and (agent, name) not in told:
                    told.add((agent, name))
                    where = f" in {environment}" if environment else ""
                    said = (f"the delegate '{name}' is disabled{where}", "switch it on, or take it out")
                    yield whole.finding(RULE, one.path, ("delegates", index), said, agent)
