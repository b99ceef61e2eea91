"""The control is none of the variants.

What: `experiment.control` names a variant that the agent does not have.
Why: When the experiment ends, or has to be stopped, everyone is to get the control; and then there would be none.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1}
    variants:
      current: {weight: 80}
      smaller: {weight: 20, llm: {model: openai/gpt-4.1-mini}}
    experiment: {control: curent, owner: support, ends: 2027-06-30}  # AC207

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1}
    variants:
      current: {weight: 80}
      smaller: {weight: 20, llm: {model: openai/gpt-4.1-mini}}
    experiment: {control: current, owner: support, ends: 2027-06-30}

Fix: Mend the name.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_VARIANT
