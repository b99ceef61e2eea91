"""The lines of a file that no excerpt shows, since a literal may stand there in the place of a secret's reference."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from agentconf.config import secrets, shape
from agentconf.document.build import Lexicon
from agentconf.document.parse import parse
from agentconf.document.text import lines_of
from agentconf.keypath import KeyPath
from agentconf.quoting import may_quote

_SECRETIVE: Final = re.compile(r"key|kye|kei|auth|secret|token|pass|cred|header|param|api", re.IGNORECASE)
"""What the names of credentials hold, well spelt or not."""


@lru_cache(maxsize=64)
def hidden_lines(data: bytes) -> frozenset[int]:
    """Numbers of lines, from 1. A text that cannot be parsed shows none at all where it names anything secretive."""
    document = parse("", "", data, Lexicon())
    if not document.is_readable:
        text = data.decode("utf-8", "replace")
        return frozenset(range(1, len(lines_of(text)) + 2)) if _SECRETIVE.search(text) else frozenset()
    hidden: set[int] = set()
    for path, value, first, last in document.scalars():
        if _is_secret_place(path) and not _is_reference(value):
            hidden.update(range(first, last + 1))
    return frozenset(hidden)


def _is_secret_place(path: KeyPath) -> bool:
    """Whether a secret belongs at a path, or might have been meant to."""
    names = [step for step in path if isinstance(step, str)]
    if not may_quote(tuple(step for step in path if step != "providers")):
        return True
    return any(name not in _known_keys() and _SECRETIVE.search(name) for name in names)


@lru_cache(maxsize=1)
def _known_keys() -> frozenset[str]:
    """The keys of the format, whose values are no secrets but where `may_quote` says so."""
    schema = shape.schema("agent")
    blocks: list[Any] = [schema, *schema["$defs"].values()]
    provider = shape.schema("defaults")["$defs"]["provider"]
    return frozenset(key for block in (*blocks, provider) for key in block.get("properties", ()))


def _is_reference(text: str) -> bool:
    try:
        secrets.parse_reference(text)
    except secrets.NotAReference:
        return False
    return True
