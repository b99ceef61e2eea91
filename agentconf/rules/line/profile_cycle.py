"""Profiles extend each other in a circle.

What: Following `extends` from a profile leads back to it.
Why: There is no order in which they could be merged, and so no answer to which of them wins.

Bad:

    owner: support@example.com
    extends: calm
    llm: {model: openai/gpt-4.1-mini}
    # in _profiles/calm.yaml
    extends: careful
    # in _profiles/careful.yaml
    extends: calm  # AC205

Good:

    owner: support@example.com
    extends: calm
    llm: {model: openai/gpt-4.1-mini}
    # in _profiles/calm.yaml
    extends: careful
    # in _profiles/careful.yaml
    llm: {temperature: 0}

Fix: Take one of the references out.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.PROFILE_CYCLE
