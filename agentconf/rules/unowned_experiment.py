"""Nobody answers for the experiment.

What: `experiment` has no `owner`.
Why: Experiments outlive the people who remember them; somebody must read the result and end it.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, ends: 2030-01-31}  # AC605

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Fix: Add `owner`: a person or a team.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.UNOWNED_EXPERIMENT
NEEDS: Final = "experiment"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """An agent's owner is not the experiment's."""
    experiment = view.config.get("experiment")
    if experiment and not experiment.get("owner"):
        yield view.finding(RULE, ("experiment",), "this experiment has no owner", "add owner: who reads the result?")
