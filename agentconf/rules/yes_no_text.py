"""`yes`, `no`, `on` or `off` where a boolean was probably meant.

What: Under `metadata`, `extra` or `params` a value is one of these words without quotes. YAML 1.2 reads them as text.
Why: A program that asks `if value` takes the text "no" for true.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      reviewed: no  # AC755

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    metadata:
      reviewed: false
      country: "no"

Fix: Write `true` or `false`; put the word in quotes where it is meant as a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.document.document import Document
from agentconf.keypath import render
from agentconf.rules.look_alike_keys import agent_of, free_mappings
from agentconf.source.layout import Place

RULE: Final = codes.YES_NO_TEXT
_MEANT: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def check_document(document: Document, place: Place) -> Iterator[Diagnostic]:
    """Words in quotes are meant as words."""
    for path, mapping in free_mappings(document.value):
        for key, value in mapping.items():
            meant = _MEANT.get(value.lower()) if isinstance(value, str) else None
            if meant is not None:
                at = (*path, key)
                span = document.value_span(at)
                if span.end_column - span.column == len(value):
                    message = f"'{value}' is text here, and not {meant}"
                    hint = f'write {meant}, or "{value}" in quotes if the word is meant'
                    yield Diagnostic(RULE, message, document.file, span, render(at), agent_of(place), hint=hint)
