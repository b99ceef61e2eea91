"""How `call` shows an answer, and what it took."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from agentconf.cli import console
from agentconf.cli.loading import is_watched
from agentconf.redact import printable
from agentconf.runtime.answer import Answer, Attempt

_LAYOUT: Final = re.compile("([\n\t])")


def text_of(reply: Any) -> str:
    """The text of a whole answer, or of a chunk of one; nothing of what the model thinks."""
    choices = getattr(reply, "choices", None)
    said = (getattr(choices[0], "message", None) or getattr(choices[0], "delta", None)) if choices else None
    content = getattr(said, "content", None)
    return content if isinstance(content, str) else ""


def shown(text: str) -> str:
    """As it is; on a terminal, what would act on it is escaped: an answer may hold anything."""
    if not console.is_terminal():
        return text
    return "".join(part if part in {"\n", "\t"} else printable(part) for part in _LAYOUT.split(text))


def as_json(answer: Answer, text: str) -> dict[str, Any]:
    return {
        "agent": answer.agent,
        "environment": answer.environment,
        "model": answer.model,
        "variant": answer.variant,
        "text": text,
        "tokens": asdict(answer.tokens),
        "cost_usd": answer.cost_usd,
        "latency_s": round(answer.latency_s, 4),
        "attempts": [asdict(attempt) for attempt in answer.attempts],
        "digest": answer.digest,
    }


def tell(answer: Answer) -> None:
    """What it took, for a person at a terminal."""
    if is_watched():
        for line in _lines(answer):
            console.note(line)


def _lines(answer: Answer) -> Iterator[str]:
    name = f"{answer.model}, variant {answer.variant}" if answer.variant else answer.model
    yield f"{name}: {_tokens(answer)}, {_cost(answer)}, {_time(answer)}"
    for attempt in answer.attempts:
        if attempt.error is not None:
            yield f"before that: {attempt.model} {_failure(attempt)}"


def _tokens(answer: Answer) -> str:
    tokens = answer.tokens
    said = f"{'about ' if tokens.is_estimated else ''}{tokens.input:,} tokens in"
    said += f" ({tokens.cached:,} cached)" if tokens.cached else ""
    said += f", {tokens.output:,} out"
    return said + (f" ({tokens.reasoning:,} reasoning)" if tokens.reasoning else "")


def _cost(answer: Answer) -> str:
    return "cost unknown" if answer.cost_usd is None else f"${answer.cost_usd:.6f}".rstrip("0").rstrip(".")


def _time(answer: Answer) -> str:
    first = answer.first_token_s
    return f"{answer.latency_s:.2f} s" + (f", first token after {first:.2f} s" if first is not None else "")


def _failure(attempt: Attempt) -> str:
    status = f" ({attempt.status})" if attempt.status is not None else ""
    return f"{attempt.error}{status} after {attempt.latency_s:.2f} s"
