"""Aliases add up to too much.

What: Aliases (`*name`) stand for more than 10,000 values in all, nest too deep, or contain themselves.
Why: Nine short lines can mean a billion values. Some parsers hang on such a file, or take all memory and end, and the
service or the CI job with them.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      loop: &loop  # AC009
        again: *loop

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      shared: &shared {team: search}
      again: *shared

Fix: Write the values out; what several agents share belongs into a profile.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.ALIAS_BUDGET
