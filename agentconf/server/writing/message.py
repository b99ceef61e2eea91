"""What a commit says: what was done in one line, then the semantic diff."""

from __future__ import annotations

from typing import Final

from agentconf.diff.review import Review
from agentconf.document.change import Change
from agentconf.keypath import render
from agentconf.redact import printable, without_keys
from agentconf.report.review import markdown, text
from agentconf.server.writing.asked import Asked, Way

_LONGEST: Final = 72
_DONE: Final = {Way.CREATE: "new agent", Way.REMOVE: "deleted"}


def subject(asked: Asked, changes: list[Change]) -> str:
    """`code-assistant: llm.temperature, tags`, at most 72 characters."""
    if asked.way in _DONE:
        return f"{asked.agent}: {_DONE[asked.way]}"
    keys = [without_keys(printable(render(change.path))) for change in changes]
    for count in range(len(keys), 0, -1):
        more = f" and {len(keys) - count} more" if count < len(keys) else ""
        said = f"{asked.agent}: {', '.join(keys[:count])}{more}"
        if len(said) <= _LONGEST:
            return said
    return f"{asked.agent}: {len(keys)} keys" if len(keys) != 1 else f"{asked.agent}: one key"


def message(asked: Asked, changes: list[Change], review: Review, *, is_proposal: bool) -> str:
    """The whole message. A proposal's is written for a forge, which shows it as the text of the pull request."""
    body = markdown.render(review) if is_proposal else text.render(review)
    return f"{subject(asked, changes)}\n\n{body.strip()}\n\nAgentconf-Token: {asked.token}\n"
