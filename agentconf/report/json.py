"""The object that machines read."""

from __future__ import annotations

import json

from agentconf.validation import Validation


def render(validation: Validation, fixed: list[dict[str, object]] | None = None) -> str:
    """The findings; `fixed` is what was mended before, where that was asked for."""
    said = validation.as_json() if fixed is None else validation.as_json() | {"fixed": fixed}
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"
