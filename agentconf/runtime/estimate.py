"""How many tokens a call may take: guessed before it, when nobody has counted them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from agentconf.config.agent import ModelEntry
from agentconf.runtime.tokens import Tokens

UNSAID_OUTPUT: Final = 4096
"""So many tokens of an answer are reserved where nothing says how long it may become."""
IMAGE: Final = 2000
"""More than providers count for a picture, whatever its size; its bytes say nothing."""


def estimated_tokens(messages: Sequence[Any], said: Mapping[str, Any], entry: ModelEntry) -> Tokens:
    """The tokens of a call of an entry, where the call itself says `said`: a high guess, in a few microseconds."""
    output = said.get("max_tokens", entry.max_tokens) or UNSAID_OUTPUT
    answers = said.get("n") or (entry.extra or {}).get("n")
    count = answers if isinstance(answers, int) and answers > 1 else 1
    tools = said.get("tools")
    more = _size(tools) // 3 if tools else 0
    return Tokens(estimated_input(messages) + more, output * count, is_estimated=True)


def estimated_input(messages: Sequence[Any]) -> int:
    """A high guess at the tokens of messages, in a microsecond or two: three bytes of text a token."""
    return 4 * len(messages) + sum(map(_tokens, messages))


def _tokens(message: Any) -> int:
    content, calls = _part(message, "content"), _part(message, "tool_calls")
    more = _size(calls) // 3 if calls else 0
    if isinstance(content, list | tuple):
        return more + sum(IMAGE if _is_image(part) else _size(part) // 3 for part in content)
    return more + (_size(content) // 3 if content else 0)


def _part(message: Any, name: str) -> Any:
    return message.get(name) if isinstance(message, Mapping) else getattr(message, name, None)


def _is_image(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("type") in {"image_url", "image"}


def _size(value: Any) -> int:
    return len(str(value).encode("utf-8", "replace"))
