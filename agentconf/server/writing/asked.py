"""What a writer asks for, from the request to values that a file can hold."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from agentconf.server.problem import INVALID_REQUEST, Kind, Problem
from agentconf.source.git.making import Person

WRONG_TYPE: Final = Kind("wrong-content-type", 415, "The body is not of a type that this address takes")
_JSON: Final = ("application/json",)
_PATCH: Final = ("application/merge-patch+json", "application/json")
_DEEPEST: Final = 64
"""As deep as a file may be nested."""


class Way(StrEnum):
    """What becomes of the agent's file."""

    CREATE = "create"
    REPLACE = "replace"
    MERGE = "merge"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Asked:
    """One write. `value` is the document, or the merge patch; None for a removal.

    `tags` are the ETags of If-Match, as they were sent, "" for none. `author` is the owner of `token`.
    """

    way: Way
    agent: str
    author: Person
    token: str
    value: Any = field(default=None, repr=False)
    tags: str = ""
    folder: str = ""
    is_dry: bool = False


def value_of(way: Way, content_type: str | None, body: bytes) -> dict[str, Any]:
    """The mapping that a body says. Raises Problem (400, 415)."""
    taken = _PATCH if way is Way.MERGE else _JSON
    if (content_type or "").partition(";")[0].strip().lower() not in taken:
        raise Problem(WRONG_TYPE, f"send {' or '.join(taken)}", headers=_accepted(way))
    try:
        value = json.loads(body, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_unique)
    except RecursionError:
        raise Problem(INVALID_REQUEST, f"the body is nested deeper than {_DEEPEST}") from None
    except ValueError as error:
        raise Problem(INVALID_REQUEST, f"the body is no JSON: {_reason(error)}") from None
    if not isinstance(value, dict):
        raise Problem(INVALID_REQUEST, "the body must be an object: the keys of an agent's file")
    if _depth(value) > _DEEPEST:
        raise Problem(INVALID_REQUEST, f"the body is nested deeper than {_DEEPEST}")
    return value


def _accepted(way: Way) -> dict[str, str]:
    return {"accept-patch": _PATCH[0]} if way is Way.MERGE else {}


def _reason(error: ValueError) -> str:
    """Never with the text that was sent, which may hold anything."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, at line {error.lineno} column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return str(error) if isinstance(error, _Refused) else "a number in it has too many digits"


class _Refused(ValueError):
    """JSON that Python takes and nobody should."""


def _refuse(name: str) -> Any:
    raise _Refused(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused("a number in it is too large")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Refused("a key is said twice in one object")
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            item
            for one in level
            if isinstance(one, dict | list)
            for item in (one.values() if isinstance(one, dict) else one)
        ]
    return depth
