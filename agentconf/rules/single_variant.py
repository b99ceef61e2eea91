"""An experiment with one variant.

What: `variants` has a single entry.
Why: There is nothing to compare it with: everybody gets it.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:  # AC603
      plain: {weight: 1, llm: {temperature: 0.2}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Fix: Add the other variant, or move what it says into the agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.SINGLE_VARIANT
NEEDS: Final = "variants"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """In each environment, since one may switch variants off."""
    variants = view.config.get("variants")
    if variants and len(variants) == 1:
        hint = "add the other variant, or move what it says into the agent"
        yield view.key_finding(RULE, ("variants",), f"'{next(iter(variants))}' is the only variant", hint)
