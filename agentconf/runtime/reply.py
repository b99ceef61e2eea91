"""What LiteLLM answers, read: how many tokens by kind, and whether the provider said so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agentconf.runtime import door
from agentconf.runtime.answer import Answer
from agentconf.runtime.tokens import Tokens

_KEY = "agentconf"


def answer_of(reply: Any) -> Answer | None:
    """How an answer came about: the model, the attempts, tokens, cost. None of what no `AgentClient` gave.

    Of a stream, known when it has ended.
    """
    found = getattr(reply, "answer", None)
    if not isinstance(found, Answer):
        found = (getattr(reply, "_hidden_params", None) or {}).get(_KEY)
    return found if isinstance(found, Answer) else None


def mark(reply: Any, answer: Answer) -> None:
    """Put the answer where LiteLLM keeps what belongs to a reply and is not of the provider."""
    hidden = getattr(reply, "_hidden_params", None)
    if isinstance(hidden, dict):
        hidden[_KEY] = answer


def tokens_of(reply: Any, model: str, messages: Sequence[Any]) -> Tokens:
    """The tokens of a whole reply; counted here where the provider said nothing of them."""
    said = said_tokens(getattr(reply, "usage", None))
    if said is not None and said.total:
        return said
    calls = [called(getattr(one, "message", None)) for one in getattr(reply, "choices", None) or ()]
    return counted(model, messages, [text_of_reply(reply), *calls])


def text_of_reply(reply: Any) -> str:
    """The text of a whole reply, of all its choices."""
    choices = getattr(reply, "choices", None) or ()
    return "".join(str(getattr(getattr(one, "message", None), "content", None) or "") for one in choices)


def counted(model: str, messages: Sequence[Any], texts: Sequence[str]) -> Tokens:
    """Tokens as LiteLLM counts them for the model, which need not be what the provider bills."""
    written = "".join(texts)
    output = door.counted_tokens(model, [written]) if written else 0
    return Tokens(door.counted_tokens(model, messages=list(messages)), output, is_estimated=True)


def said_tokens(usage: Any) -> Tokens | None:
    """Tokens from the usage of a reply or of a chunk; None where there is none."""
    if usage is None:
        return None
    asked = getattr(usage, "prompt_tokens_details", None)
    given = getattr(usage, "completion_tokens_details", None)
    return Tokens(
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
        _count(asked, "cached_tokens"),
        _count(given, "reasoning_tokens"),
    )


def _count(of: Any, name: str) -> int:
    value = getattr(of, name, None)
    return value if isinstance(value, int) and value > 0 else 0


def delta_of(chunk: Any) -> Any:
    """What a chunk of a stream adds to the first choice; None where it adds nothing."""
    choices = getattr(chunk, "choices", None)
    return getattr(choices[0], "delta", None) if choices else None


def text_of(delta: Any) -> str:
    """The text that it adds, to the answer or to what the model thinks."""
    return str(getattr(delta, "content", None) or getattr(delta, "reasoning_content", None) or "")


def called(message: Any) -> str:
    """The names and arguments of the tools that a message, or a part of one, calls: they are tokens, too."""
    calls = getattr(message, "tool_calls", None)
    if not calls:
        return ""
    functions = [getattr(one, "function", None) for one in calls]
    return "".join(str(getattr(one, name, None) or "") for one in functions for name in ("name", "arguments"))


def is_token(delta: Any) -> bool:
    """Whether it adds something of the answer: text, a call of a tool, sound."""
    return bool(text_of(delta) or getattr(delta, "tool_calls", None) or getattr(delta, "audio", None))


def is_usage_alone(chunk: Any) -> bool:
    """Whether a chunk that adds nothing says the usage, and not that the answer ends."""
    choices = getattr(chunk, "choices", None) or ()
    is_end = any(getattr(one, "finish_reason", None) for one in choices)
    return getattr(chunk, "usage", None) is not None and not is_end
