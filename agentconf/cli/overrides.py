"""`--set NAME=VALUE`: parameters for one call alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import click
from pydantic import ValidationError

from agentconf.config.agent import ModelEntry
from agentconf.config.durations import in_seconds
from agentconf.runtime.wish import Wish
from agentconf.suggest import misspelling_of

_OPTION: Final = "--set"
_SECONDS: Final = ("timeout", "stream_timeout")
_ELSEWHERE: Final = {
    "key": "use --key",
    "tags": "it is for services",
    "own": "it is for services",
    "chain": "it is for services",
}


def overrides_of(said: Iterable[str]) -> dict[str, Any]:
    """What each says, by its name. Values are read as JSON, else taken as text; null clears.

    Raises click.BadParameter for what cannot be a parameter of a call.
    """
    return dict(_override(one) for one in said)


def _override(said: str) -> tuple[str, Any]:
    name, is_written, text = said.partition("=")
    name = name.strip().removeprefix("llm.")
    if not (is_written and name):
        raise _wrong(f"'{said}' is no NAME=VALUE, such as temperature=0")
    if name in _ELSEWHERE:
        raise _wrong(f"'{name}' is not for {_OPTION}: {_ELSEWHERE[name]}")
    meant = misspelling_of(name, ModelEntry.model_fields) if name not in ModelEntry.model_fields else None
    if meant is not None:
        raise _wrong(f"there is no parameter '{name}'; did you mean '{meant}'?")
    value = _value(name, text)
    try:
        Wish("", "", {name: value}).arguments()
    except TypeError as error:
        raise _wrong(str(error)) from None
    if name in ModelEntry.model_fields and value is not None:
        _require_fit(name, value)
    return name, value


def _value(name: str, text: str) -> Any:
    duration = in_seconds(text) if name in _SECONDS else text
    try:
        return duration if isinstance(duration, float) else json.loads(text)
    except (ValueError, RecursionError):
        return text


def _require_fit(name: str, value: Any) -> None:
    try:
        ModelEntry.model_validate({name: value})
    except ValidationError as error:
        said = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
        raise _wrong(f"{name}: {said[:1].lower()}{said[1:]}") from None


def _wrong(said: str) -> click.BadParameter:
    return click.BadParameter(said, param_hint=_OPTION)
