"""A record as a row that every database takes: what callers hand in is not always what a column holds."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from agentconf.runtime.usage.record import CallRecord

_DAY_S: Final = 86_400
_MOST: Final = 10**12
"""Tokens, seconds or dollars of one call: what is more is no measurement, and sums of it would run over."""
_LATEST: Final = 253_402_300_799.0  # the last second of the year 9999


def row_of(record: CallRecord) -> dict[str, Any]:
    """The columns of a call, without `batch`."""
    at = min(max(_number(record.at), 0.0), _LATEST)
    tokens = record.tokens
    return {
        "at": at,
        "day": _day(int(at // _DAY_S)),
        "agent": _text(record.agent),
        "tree": _text(record.tree),
        "environment": _text_or_none(record.environment),
        "digest": _text(record.digest),
        "variant": _text_or_none(record.variant),
        "model_asked": _text(record.model_asked),
        "model": _text_or_none(record.model),
        "provider": _text_or_none(record.provider),
        "input_tokens": _count(tokens.input),
        "output_tokens": _count(tokens.output),
        "cached_tokens": _count(tokens.cached),
        "reasoning_tokens": _count(tokens.reasoning),
        "is_estimated": bool(tokens.is_estimated),
        "cost_usd": _number_or_none(record.cost_usd),
        "latency_s": _number(record.latency_s),
        "first_token_s": _number_or_none(record.first_token_s),
        "attempts": min(_count(record.attempts), (1 << 31) - 1),
        "error": _text_or_none(record.error),
        "is_stream": bool(record.is_stream),
        "is_own": bool(record.is_own),
        "chain": _json(list(record.chain)),
        "tags": _json(dict(record.tags)),
        "prompt": _text_or_none(record.prompt),
        "answer": _text_or_none(record.answer),
    }


@lru_cache(maxsize=64)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * _DAY_S, UTC).date().isoformat()


def _text(value: Any) -> str:
    """Without what PostgreSQL (NUL) and UTF-8 (halves of characters) refuse."""
    text = value if isinstance(value, str) else str(value)
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _count(value: Any) -> int:
    return min(max(int(value), 0), _MOST)


def _number(value: Any) -> float:
    number = float(value)
    return min(max(number, 0.0), float(_MOST)) if math.isfinite(number) else 0.0


def _number_or_none(value: Any) -> float | None:
    """Unknown where it is no number: a cost that is not finite is not known."""
    return None if value is None or not math.isfinite(value) else _number(value)


def _json(value: Any) -> str:
    return _text(json.dumps(value, ensure_ascii=True, default=str)).replace("\\u0000", "") if value else ""
