"""No agent takes the profile.

What: A file in `_profiles/` is named by no `extends`, neither of an agent nor of a profile that an agent takes.
Why: Its values have no effect, and whoever edits it believes that they have.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _profiles/careful.yaml
    llm: {temperature: 0}  # AC215

Good:

    owner: support@example.com
    extends: careful
    llm: {model: openai/gpt-4.1-mini}
    # in _profiles/careful.yaml
    llm: {temperature: 0}

Fix: Delete the file, or take it with `extends`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.seen import Whole

RULE: Final = codes.UNUSED_PROFILE


def check_tree(whole: Whole) -> Iterator[Diagnostic]:
    """Over all agents of the tree."""
    for name, document in sorted(whole.config.profiles.items()):
        if name not in whole.seen.profiles:
            said = (f"no agent takes the profile '{name}'", "delete the file, or take it with extends")
            yield whole.finding(RULE, document.path, (), said)
