"""A review for programs: `schema/diff.schema.json` describes it."""

from __future__ import annotations

import json

from agentconf.diff.review import Review


def render(review: Review) -> str:
    """One object."""
    return json.dumps(review.as_json(), indent=2, ensure_ascii=False) + "\n"
