"""A profile that does not exist.

What: `extends` names a profile that has no file in `_profiles/`.
Why: Without it the agent would run without the limits that the profile holds, while its file says that it has them.

Bad:

    owner: support@example.com
    extends: carefull  # AC201
    llm: {model: openai/gpt-4.1-mini}
    # in _profiles/careful.yaml
    llm: {temperature: 0}

Good:

    owner: support@example.com
    extends: careful
    llm: {model: openai/gpt-4.1-mini}
    # in _profiles/careful.yaml
    llm: {temperature: 0}

Fix: Mend the name, or add `_profiles/NAME.yaml`.
"""

from __future__ import annotations

from typing import Final

from agentconf import codes

RULE: Final = codes.UNKNOWN_PROFILE
