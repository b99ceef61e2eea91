"""What a client says on a WebSocket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

LONGEST: Final = 4096
_LONGEST_NAME: Final = 64
_LONGEST_MARK: Final = 128
_TOPIC: Final = "agent_config"


class NotUnderstood(Exception):
    """The message is none that a client sends; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """`since` is the id or the digest of what it has, None where it takes what comes from now on."""

    since: str | None = None
    digest: str | None = None
    is_hinted: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`digest` is what the client serves."""

    digest: str


def understood(text: str | None) -> Subscription | Heartbeat:
    """What a message says. Raises NotUnderstood."""
    said = _mapping(text)
    if said.get("subscribe") == _TOPIC:
        since = _short(said, "since") or _short(said, "last_event_id")
        return Subscription(since, _short(said, "digest"), said.get("hints") is True, named(said.get("client")))
    beat = _short(said, "heartbeat")
    if beat is None:
        raise NotUnderstood('send {"subscribe": "agent_config"}, or {"heartbeat": DIGEST}')
    return Heartbeat(beat)


def named(text: object) -> str | None:
    """The name that a client gives itself, fit to be shown."""
    if not isinstance(text, str) or not text:
        return None
    return "".join(letter for letter in text[:_LONGEST_NAME] if letter.isprintable()) or None


def _mapping(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > LONGEST:
        raise NotUnderstood(f"a message is JSON of at most {LONGEST} characters")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise NotUnderstood("a message is JSON") from None
    if not isinstance(said, dict):
        raise NotUnderstood("a message is a JSON object")
    return said


def _short(said: dict[str, Any], key: str) -> str | None:
    value = said.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_MARK:
        raise NotUnderstood(f"'{key}' is a text of at most {_LONGEST_MARK} characters")
    return value
