"""A literal key anywhere in a file.

What: the text of a file, comments, block scalars and prompt files included, holds what looks like a key: a format that
a provider gives out, random text behind a name such as `api_key` or `token`, or text so random that little else is it.

Why: whoever can read the repository can use the key, now and for as long as anybody has a clone. Removing the line does
not help, since git remembers it. A key in a prompt is worse still: every model that gets the prompt gets the key.

Bad:

    instructions: |
      Look prices up at https://prices.example.com with the key sk-proj-...

Good:

    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Fix: revoke the key at its provider first. Then write a reference where the format reads one (`api_key`, a value of
`extra_headers`, a credential in `params`), and nothing anywhere else. Not found, since they are no secrets: cipher text
in `${fernet:...}` and `${age:...}`, digests, UUIDs, public keys, pictures in Base64, placeholders such as `sk-...`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from agentconf import codes
from agentconf.config.caps import capped
from agentconf.diagnostic import Diagnostic, Rule, Span
from agentconf.document.document import Document
from agentconf.document.text import lines_of, without_bom
from agentconf.keypath import render
from agentconf.quoting import shown_path
from agentconf.rules.keys.find import FoundKey, find_keys, may_hold_keys

RULE: Final = Rule("AC406", "secret-in-text")
_LITERAL: Final = frozenset((codes.LITERAL_SECRET.code, codes.UNKNOWN_SECRET_SOURCE.code))
_HINT: Final = "write ${{env:NAME}} or ${{file:/run/secrets/NAME}} {where}, and revoke the key: git remembers it"
_IN_YAML: Final = "in a provider's api_key"
_IN_PROMPT: Final = "in a provider's api_key instead, never in a prompt"


def findings(document: Document, reported: Iterable[Diagnostic] = ()) -> Iterator[Diagnostic]:
    """The keys in a document's text, each at its very place, but for those that a finding of the format has already.

    `reported` are the findings on the same document; where one is about a key of the format (AC401: a literal in
    `api_key`), that value is not reported again.
    """
    if may_hold_keys(document.data):
        said = _Reported(document, reported)
        found = ((place, key) for place, key, text in _places(document.data) if not said.covers(place.line, text))
        yield from capped((_finding(document.file, place, key, _IN_YAML) for place, key in found), document.file)


def findings_in_prompt(file: str, data: bytes) -> Iterator[Diagnostic]:
    """The keys in a prompt file, shown as `file`."""
    if may_hold_keys(data):
        found = (_finding(file, place, key, _IN_PROMPT) for place, key, _ in _places(data))
        yield from capped(found, file)


def _finding(file: str, place: Span, key: FoundKey, where: str) -> Diagnostic:
    article = "an" if key.kind[0] in "AEIOUaeiou" else "a"
    message = f"this looks like {article} {key.kind}; a secret never stands in the tree"
    return Diagnostic(RULE, message, file, place, hint=_HINT.format(where=where))


def _places(data: bytes) -> Iterator[tuple[Span, FoundKey, str]]:
    """Each key with its place, counted as the parser counts: from behind the byte order mark."""
    text = without_bom(data).decode("utf-8", "replace")
    line, column, at = 1, 1, 0
    for key in find_keys(text):
        line, column = _moved(line, column, text[at : key.start])
        at = key.start
        matched = text[key.start : key.end]
        yield Span(line, column, *_moved(line, column, matched)), key, matched


def _moved(line: int, column: int, over: str) -> tuple[int, int]:
    """The place behind a stretch of text that begins at a place."""
    lines = lines_of(over)
    return line + len(lines) - 1, (column if len(lines) == 1 else 1) + len(lines[-1])


class _Reported:
    """The values that findings on literal secrets are about: a block scalar has more lines than its finding shows."""

    def __init__(self, document: Document, reported: Iterable[Diagnostic]) -> None:
        keys = {finding.key for finding in reported if finding.code in _LITERAL}
        self._values: list[tuple[str, int, int]] = []
        if keys and document.is_readable:
            for path, value, first, last in document.scalars():
                if render(shown_path(path)) in keys:
                    self._values.append((value, first, last))

    def covers(self, line: int, text: str) -> bool:
        return any(first <= line <= last and text in value for value, first, last in self._values)
