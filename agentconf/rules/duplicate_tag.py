"""A tag stands in the list twice.

What: `tags` holds the same tag more than once, or twice but for case.
Why: Policies and filters compare tags exactly: `PII` is not `pii`.

Bad:

    owner: support@example.com
    tags: [pii, eu, PII]  # AC752
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    tags: [pii, eu]
    llm: {model: openai/gpt-4.1-mini}

Fix: Delete one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.view import AgentView

RULE: Final = codes.DUPLICATE_TAG
NEEDS: Final = "tags"


def check(view: AgentView) -> Iterator[Diagnostic]:
    """Told apart by case alone they are one tag, misspelt."""
    tags = view.config.get("tags")
    if not tags or len({tag.casefold() for tag in tags}) == len(tags):
        return
    known: dict[str, str] = {}
    for index, tag in enumerate(tags):
        first = known.get(tag.casefold())
        if first is not None:
            is_same = first == tag
            message = f"the tag '{tag}' stands here twice" if is_same else f"'{first}' and '{tag}' differ in case alone"
            yield view.finding(RULE, ("tags", index), message, "delete one of them")
        known.setdefault(tag.casefold(), tag)
