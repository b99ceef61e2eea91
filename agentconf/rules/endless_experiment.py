"""The experiment has no end.

What: `experiment` has no `ends`.
Why: Without a day the variants stay for ever, and half of the users with the worse one.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com}  # AC606

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Fix: Add `ends`: after that day everyone gets the control.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.ENDLESS_EXPERIMENT
NEEDS: Final = "experiment"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """In each environment."""
    experiment = view.config.get("experiment")
    if experiment and not experiment.get("ends"):
        hint = "add ends: YYYY-MM-DD; after that day everyone gets the control"
        yield view.finding(RULE, ("experiment",), "this experiment has no end", hint)
