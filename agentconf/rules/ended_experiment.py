"""The experiment has ended.

What: The day in `experiment.ends` is over.
Why: Everyone gets the control since; the other variants are dead text that still looks alive.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, ends: 2024-01-31}  # AC607

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Fix: Move what won into the agent and delete `variants` and `experiment`; or choose a new end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.ENDED_EXPERIMENT
NEEDS: Final = "experiment"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """The day itself still counts."""
    experiment = view.config.get("experiment") or {}
    ends = str(experiment.get("ends") or "")
    if ends and ends < view.knowledge.today.isoformat():
        message = f"this experiment ended on {ends}: everyone gets '{experiment.get('control')}'"
        hint = "move what won into the agent and delete variants and experiment, or choose a new end"
        yield view.finding(RULE, ("experiment", "ends"), message, hint)
