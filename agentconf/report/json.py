"""The object that machines read."""

from __future__ import annotations

import json

from agentconf.validation import Validation


def render(validation: Validation) -> str:
    return json.dumps(validation.as_json(), indent=2, ensure_ascii=False) + "\n"
