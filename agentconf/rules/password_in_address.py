"""A password in an address.

What: An address in a config file names a user and a password: `https://user:password@host`.

Why: Addresses are shown in logs, in errors and by `agentconf show`, and the password goes wherever they go. It stands
in the repository besides, and git remembers it.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai:
        api_base: https://agents:swordfish@llm.example.com/v1  # AC407

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai:
        api_base: https://llm.example.com/v1
        extra_headers: {Authorization: "${env:LLM_AUTHORIZATION}"}

Fix: Change the password, take user and password out of the address, and put a reference into `api_key` or
`extra_headers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic, Span
from agentconf.document.document import Document
from agentconf.document.text import lines_of, without_bom
from agentconf.source.layout import Place

RULE: Final = codes.PASSWORD_IN_ADDRESS
_WITH_PASSWORD: Final = re.compile(
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}+://"
    r"[^\s/@:\"'<>]{0,128}+:(?P<password>[^\s/@\"'<>]{1,256}+)@(?=[A-Za-z0-9\[])"
)
_STANDS_FOR_ONE: Final = re.compile(
    r"[${}%*]|x{3}|\.{3}|(?:my|your)?[-_]?(?:pass(?:word|wd)?|pw|pwd|secret)$", re.IGNORECASE
)
_IN_USE: Final = re.compile(r"\bapi_base[\"']?\s*:\s*[\"']?$")


def check_document(document: Document, place: Place) -> Iterator[Diagnostic]:
    """Addresses in values, comments and block scalars; in one that is used, a bare word is a password too."""
    if b"@" not in document.data or b"://" not in document.data:
        return
    for number, line in enumerate(lines_of(without_bom(document.data).decode("utf-8", "replace")), 1):
        for start, end in passwords_in(line) if "@" in line else ():
            message = "this address holds a password; a secret never stands in the tree"
            hint = "change the password, and write a reference in api_key or extra_headers"
            yield Diagnostic(RULE, message, document.file, Span(number, start + 1, number, end + 1), hint=hint)


def passwords_in(line: str) -> Iterator[tuple[int, int]]:
    """Start and end, in characters, of every address of a line that holds a password, up to its `@`."""
    for match in _WITH_PASSWORD.finditer(line):
        is_in_use = _IN_USE.search(line, max(0, match.start() - 40), match.start())
        if is_in_use or not _STANDS_FOR_ONE.match(match["password"]):
            yield match.start(), match.end()
