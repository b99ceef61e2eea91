"""A review for programs: `schema/diff.schema.json` describes it."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from agentconf.diff.review import Review

_ACTING: Final = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON lets stand as it is, and a terminal or an editor would obey."""


def render(review: Review) -> str:
    """One object."""
    return text_of(review.as_json())


def text_of(value: Any) -> str:
    """A value as JSON that does nothing where it is shown."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"
