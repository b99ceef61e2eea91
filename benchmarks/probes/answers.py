"""A probe that is asked: a line of JSON comes in, `["command", argument, ...]`, and a line of JSON goes out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any


def say(answer: Any) -> None:
    """Answer the one who asks."""
    print(json.dumps(answer), flush=True)


def answer_all(commands: Mapping[str, Callable[..., Any]]) -> None:
    """Say that it begins, then answer until nobody asks any more."""
    say("ready")
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        say(commands[command](*arguments))
