from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agentconf.document.build import Lexicon
from agentconf.document.dump import dump
from agentconf.document.parse import parse

NUMBERS = [
    "1e3",
    "0o17",
    "+.5",
    "010",
    "0x1F",
    "1_000",
    "12:30:00",
    ".inf",
    "-.INF",
    "+.inf",
    ".nan",
    "~",
    "null",
    "Null",
    "",
    "1.",
    "+1",
]
LOOKS_LIKE_MORE = [
    "true",
    "no",
    "on",
    "y",
    "<<",
    "=",
    "2026-01-02",
    "- a",
    "a: b",
    "a #b",
    "*a",
    "&a",
    "!a",
    "---",
    "...",
    "%a",
    "{{ A }}",
]
SPACES = [
    " a",
    "a ",
    "\n",
    "a\n",
    "a\n\n",
    "\na",
    " a\nb",
    "a \nb",
    "\ta\nb",
    "a\n b\n\n",
    "a\r\nb",
    "\x85",
    "a\u2028b",
    "\ufeff",
    "\x7f",
    "\x1b[2J",
    "\x9b",
    "a\n#b",
    "a\n---\nb",
    "a\n...\n",
]

texts = some.one_of(
    some.sampled_from(NUMBERS + LOOKS_LIKE_MORE + SPACES),
    some.text(some.characters(exclude_categories=["Cs"]), max_size=60),
    some.text("-+.0123456789eExobn_~ \n\t#:'\"|>", max_size=8),
)
keys = texts.filter(lambda text: len(text) < 100)
values = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(10**30), 10**30)
    | some.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def read(text: str) -> Any:
    document = parse("a.yaml", "a.yaml", text.encode(), Lexicon())
    assert not document.faults, document.faults
    return document.value


@given(some.dictionaries(keys.filter(bool), values, min_size=1, max_size=4))
def test_what_is_dumped_reads_back_the_same(value: dict[str, Any]) -> None:
    assert read(dump(value)) == value


@pytest.mark.parametrize("text", [*NUMBERS, *LOOKS_LIKE_MORE, *SPACES])
def test_a_text_stays_a_text(text: str) -> None:
    assert read(dump({"k": text, "l": [text]})) == {"k": text, "l": [text]}


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b31m", "\x85", "\u2028", "a\n\x1b[2J"])
def test_what_acts_on_a_terminal_is_escaped(text: str) -> None:
    assert dump({"k": text}).replace("\n", "").isprintable()
