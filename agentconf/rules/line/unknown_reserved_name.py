"""A name that begins with `_` and means nothing here.

What: Names that begin with `_` are the format's own, and this one is not known, or does not belong into this folder.
Why: A misspelt `_defaults.yaml` is inherited by nobody: all agents would run on without the limits that stand in it,
and look as before.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _default.yaml
    limits: {max_parallel: 2}  # AC109

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    limits: {max_parallel: 2}

Fix: Take the name from the hint, or one that does not begin with `_`.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_RESERVED_NAME
