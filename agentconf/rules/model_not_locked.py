"""A model is in use that the lock does not have.

What: The tree has a `_models.lock.json`, and an agent names a model that is not in it.
Why: CI then judges it by whatever catalogue is installed there, or by none: the same commit is judged differently
next month.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}  # AC313
    # in _models.lock.json
    {"format": 1, "litellm": "1.106.2", "models": {},
     "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Fix: Run `agentconf models lock` and commit what it writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.MODEL_NOT_LOCKED


def check(view: AgentView) -> Iterator[Diagnostic]:
    """A model that `_models.yaml` describes needs no lock. One that nobody knows is another finding."""
    if not view.knowledge.is_locked:
        return
    for entry in view.entries:
        if entry.facts is not None and entry.facts.source == "litellm":
            message = f"'{entry.model}' is not in the lock"
            yield view.finding(RULE, (*entry.path, "model"), message, "run 'agentconf models lock'")
