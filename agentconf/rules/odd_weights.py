"""The weights look like percentages and do not sum to 100.

What: The weights sum to something near 100, or near 1: by up to a half more or less.
Why: Weights are relative, so that this works; but a share was forgotten or mistyped when somebody wrote percentages.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:  # AC602
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 45, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    variants:
      plain: {weight: 50, llm: {temperature: 0.2}}
      warm: {weight: 50, llm: {temperature: 0.9}}
    experiment: {control: plain, owner: search@example.com, metric: solved, ends: 2030-01-31}

Fix: Make them sum to 100 (or 1), or write small whole numbers, such as 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView
from agentconf.rules.weightless_variants import weight_of

RULE: Final = codes.ODD_WEIGHTS
NEEDS: Final = "variants"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Within a half of 100 or of 1; a rounding of the last digit is none."""
    variants = view.config.get("variants")
    total = weight_of(variants) if variants else 0.0
    whole = 100.0 if total > 10 else 1.0
    if 0.001 < abs(total - whole) / whole <= 0.5:
        message = f"the weights sum to {total:g}, and not to {whole:g}"
        hint = f"make them sum to {whole:g}, or write small whole numbers"
        yield view.key_finding(RULE, ("variants",), message, hint)
