"""Secrets out of errors: providers repeat keys in what they answer, and errors are logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, Final

from agentconf.config.secrets import HIDDEN

_SHORTEST: Final = 6
"""What is shorter is no key, and would be found in words."""


def hushed(error: BaseException, secrets: Iterable[str]) -> BaseException:
    """The same error; in it, and in those that led to it, the secrets are replaced wherever they stand as text."""
    known = [secret for secret in secrets if len(secret) >= _SHORTEST]
    if known:
        for one in _led_to(error):
            one.args = tuple(_without(value, known) for value in one.args)
            for name, value in list(vars(one).items()):
                if isinstance(value, str | dict | list):
                    setattr(one, name, _without(value, known))
                else:
                    _hush_exchange(value, known)
    return error


def _led_to(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]
            waiting += [value for value in vars(one).values() if isinstance(value, BaseException)]


def _hush_exchange(value: Any, secrets: list[str]) -> None:
    """The request and the response that httpx keeps with an error: whoever pickles it, or looks into it, sees them."""
    parts: list[Any] = [value, getattr(value, "_request", None)]
    for part in parts:
        headers, content, text = (getattr(part, name, None) for name in ("headers", "_content", "_text"))
        if isinstance(headers, MutableMapping):
            headers.update({name: _without(said, secrets) for name, said in headers.items() if isinstance(said, str)})
        if isinstance(content, bytes):
            for secret in secrets:
                content = content.replace(secret.encode(), HIDDEN.encode())
            part._content = content  # noqa: SLF001  # it has no other name
        if isinstance(text, str):
            part._text = _without(text, secrets)  # noqa: SLF001


def _without(value: Any, secrets: list[str]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return value
    if isinstance(value, dict):
        return {key: _without(item, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_without(item, secrets) for item in value)
    return value
