"""The weights of the variants sum to nothing.

What: Every variant has the weight 0.
Why: Nobody can be given a variant: there is no share to divide.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:  # AC601
      plain: {weight: 0, llm: {temperature: 0.2}}
      warm: {weight: 0, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Fix: Give at least one variant a weight above 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.WEIGHTLESS_VARIANTS
NEEDS: Final = "variants"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """On the variants, since no single one is to blame."""
    variants = view.config.get("variants")
    if variants and weight_of(variants) == 0:
        message = "the weights of the variants sum to nothing"
        yield view.key_finding(RULE, ("variants",), message, "give one a weight above 0")


def weight_of(variants: dict[str, Any]) -> float:
    """All weights together; what is no number is said elsewhere."""
    return sum(float(one.get("weight") or 0) for one in variants.values())
