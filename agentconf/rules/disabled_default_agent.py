"""The default agent is switched off.

What: `default_agent` of the settings names an agent that is disabled in an environment.
Why: A service that asks for an unknown id gets an error there, instead of the default.

Bad:

    owner: support@example.com
    enabled: false
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    default_agent: assistant  # AC211

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _settings.yaml
    default_agent: assistant

Fix: Switch it on there, or name another agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.seen import Whole

RULE: Final = codes.DISABLED_DEFAULT_AGENT


def check_tree(whole: Whole) -> Iterator[Diagnostic]:
    """In each environment."""
    settings = whole.config.settings
    if settings.default_agent is None or settings.document is None:
        return
    where = [name for name in whole.environments if settings.default_agent in whole.seen.disabled.get(name, ())]
    if where:
        places = "" if where == [None] else f" in {', '.join(str(name) for name in where)}"
        message = f"the default agent '{settings.default_agent}' is disabled{places}"
        said = (message, "switch it on, or name another agent")
        yield whole.finding(RULE, settings.document.path, ("default_agent",), said)
