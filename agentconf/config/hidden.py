"""The lines of a file that hold a literal where a secret's reference belongs: no excerpt shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from agentconf.config import secrets
from agentconf.document.build import Lexicon
from agentconf.document.parse import parse
from agentconf.keypath import KeyPath
from agentconf.suggest import nearest

_NAMED: Final = re.compile(r"(?i)(api[-_]?key|authorization|secret|token|passw|credential)[^\n]*$", re.MULTILINE)


@lru_cache(maxsize=64)
def hidden_lines(data: bytes) -> frozenset[int]:
    """Numbers of lines, from 1. Where a text cannot be parsed, every line from the first that names a credential on."""
    document = parse("", "", data, Lexicon())
    if not document.is_readable:
        match = _NAMED.search(data.decode("utf-8", "replace"))
        if match is None:
            return frozenset()
        text = data.decode("utf-8", "replace")
        return frozenset(range(text.count("\n", 0, match.start()) + 1, text.count("\n") + 3))
    hidden: set[int] = set()
    for path in _literals(document.value, ()):
        first, last = document.line_range(path)
        hidden.update(range(first, last + 1))
    return frozenset(hidden)


def _literals(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """The places of secrets that hold something else than a reference."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _literals(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _literals(item, (*path, index))
    elif isinstance(value, str) and _is_secret_place(path) and not _is_reference(value):
        yield path


def _is_secret_place(path: KeyPath) -> bool:
    name = str(next((step for step in reversed(path) if isinstance(step, str)), ""))
    is_in_connection = len(path) > 1 and path[-2] in {"extra_headers", "params"}
    is_misspelt = nearest(name, ("api_key",)) is not None
    return secrets.is_credential_name(name) or secrets.is_key_header(name) or is_in_connection or is_misspelt


def _is_reference(text: str) -> bool:
    try:
        secrets.parse_reference(text)
    except secrets.NotAReference:
        return False
    return True
