"""A literal key in the text of a file.

What: A config file or a prompt file holds what looks like a key, in a value, a comment or a block scalar: a format that
a provider gives out, random text behind a name such as `api_key` or `token`, or text so random that little else is it.
What is no secret is not meant: cipher text in `${fernet:...}` and `${age:...}`, digests, UUIDs, public keys, pictures
in Base64, addresses, names of models, placeholders such as `sk-...`.

Why: Whoever can read the repository can use the key, now and for as long as anybody has a clone. A key in a prompt is
sent to every model that gets the prompt besides.

Bad: None is shown, since what scans repositories for keys would find it here.

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Fix: Revoke the key at its provider first: git remembers it. Then write a reference where one is read (`api_key`, a
value of `extra_headers`, a credential in `params`), and nothing anywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from agentconf import codes
from agentconf.config import shape, text
from agentconf.diagnostic import Diagnostic, Span
from agentconf.document.document import Document
from agentconf.document.text import lines_of, without_bom
from agentconf.keypath import render
from agentconf.quoting import shown_path
from agentconf.rules.keys.find import FoundKey, find_keys, may_hold_keys
from agentconf.source.layout import Kind, Place

RULE: Final = codes.SECRET_IN_TEXT
_LITERAL: Final = frozenset((codes.LITERAL_SECRET.code, codes.UNKNOWN_SECRET_SOURCE.code))
_HINT: Final = "write ${{env:NAME}} or ${{file:/run/secrets/NAME}} {where}, and revoke the key: git remembers it"
_IN_YAML: Final = "in a provider's api_key"
_IN_PROMPT: Final = "in a provider's api_key instead, never in a prompt"


def check_document(document: Document, place: Place) -> Iterator[Diagnostic]:
    """The keys in a document's text, each at its very place, but for those that the format itself refuses there."""
    if may_hold_keys(document.data) and place.kind is not Kind.LOCK:
        said = _Reported(document, place)
        for span, key, matched in _places(document.data):
            if not said.covers(span.line, matched):
                yield _finding(document.file, span, key, _IN_YAML)


def check_prompt(file: str, data: bytes) -> Iterator[Diagnostic]:
    """The keys in a prompt file, shown as `file`."""
    if may_hold_keys(data):
        for span, key, _ in _places(data):
            yield _finding(file, span, key, _IN_PROMPT)


@lru_cache(maxsize=64)
def lines_with_keys(data: bytes) -> frozenset[int]:
    """Numbers of the lines, from 1, that no excerpt shows, whatever it is about."""
    if not may_hold_keys(data):
        return frozenset()
    return frozenset(line for span, _, _ in _places(data) for line in range(span.line, span.end_line + 1))


def _finding(file: str, place: Span, key: FoundKey, where: str) -> Diagnostic:
    article = "an" if key.kind[0] in "AEIOUaeiou" else "a"
    message = f"this looks like {article} {key.kind}; a secret never stands in the tree"
    return Diagnostic(RULE, message, file, place, hint=_HINT.format(where=where))


def _places(data: bytes) -> Iterator[tuple[Span, FoundKey, str]]:
    """Each key with its place, counted as the parser counts: from behind the byte order mark."""
    said = without_bom(data).decode("utf-8", "replace")
    line, column, at = 1, 1, 0
    for key in find_keys(said):
        line, column = _moved(line, column, said[at : key.start])
        at = key.start
        matched = said[key.start : key.end]
        yield Span(line, column, *_moved(line, column, matched)), key, matched


def _moved(line: int, column: int, over: str) -> tuple[int, int]:
    """The place behind a stretch of text that begins at a place."""
    lines = lines_of(over)
    return line + len(lines) - 1, (column if len(lines) == 1 else 1) + len(lines[-1])


class _Reported:
    """The values that stand where a reference belongs, and are none. AC401 is said of them, on their first line."""

    def __init__(self, document: Document, place: Place) -> None:
        self._values: list[tuple[str, int, int]] = []
        if not document.is_readable or place.kind in {Kind.SETTINGS, Kind.MODELS}:
            return
        found = (*shape.findings(document, place.kind.value), *text.findings(document))
        keys = {finding.key for finding in found if finding.code in _LITERAL}
        for path, value, first, last in document.scalars() if keys else ():
            if render(shown_path(path)) in keys:
                self._values.append((value, first, last))

    def covers(self, line: int, matched: str) -> bool:
        return any(first <= line <= last and matched in value for value, first, last in self._values)
