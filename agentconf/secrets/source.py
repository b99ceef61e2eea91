"""What every source of secrets is: something that turns the name in a reference into a value."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from agentconf.errors import SecretUnavailable


class SecretSource(Protocol):
    """One source. It is asked anew for each call, so that a rotated secret is picked up."""

    def reveal(self, name: str) -> SecretStr:
        """The value, masked until `get_secret_value` is called. Raises SecretUnavailable, which never holds it."""


def as_secret(data: bytes) -> SecretStr:
    """The value in some bytes, without the line break at their end, which editors and `echo` leave behind."""
    text = _decoded(data.removesuffix(b"\n").removesuffix(b"\r"))
    if not text:
        raise SecretUnavailable("it is empty" if text is not None else "it is not UTF-8 text")
    return SecretStr(text)


def _decoded(data: bytes) -> str | None:
    """None where the bytes are no text. Nothing is raised: a UnicodeDecodeError would carry the secret along."""
    text = data.decode("utf-8", "replace")
    return text if text.encode() == data else None
