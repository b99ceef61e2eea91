from __future__ import annotations

import pytest

from agentconf.diagnostic import Span
from agentconf.document.build import Lexicon
from agentconf.document.document import Document
from agentconf.document.parse import parse
from agentconf.keypath import KeyPath
from tests.support import document_of

TEXT = """\
# a comment
name: Übersetzer   # behind
llm:
  model: openai/gpt-4.1
  stop: ["a", 'b']
  fallbacks:
    - model: a/b
    -   {model: "c/d", temperature: 0.5}
instructions: |
  Zeile eins

  Zeile drei
description: >-
    folded
    text
"ключ": значение
tags: [
  x,
  yy,
]
"""

VALUES = {
    ("name",): Span(2, 7, 2, 17),
    ("llm",): Span(4, 3, 4, 3),
    ("llm", "model"): Span(4, 10, 4, 24),
    ("llm", "stop"): Span(5, 9, 5, 19),
    ("llm", "stop", 1): Span(5, 15, 5, 18),
    ("llm", "fallbacks"): Span(7, 5, 7, 5),
    ("llm", "fallbacks", 0): Span(7, 7, 7, 7),
    ("llm", "fallbacks", 0, "model"): Span(7, 14, 7, 17),
    ("llm", "fallbacks", 1): Span(8, 9, 8, 41),
    ("llm", "fallbacks", 1, "temperature"): Span(8, 37, 8, 40),
    ("instructions",): Span(9, 15, 9, 15),
    ("description",): Span(13, 14, 13, 14),
    ("ключ",): Span(16, 9, 16, 17),
    ("tags",): Span(17, 7, 17, 7),
    ("tags", 1): Span(19, 3, 19, 5),
}
KEYS = {
    ("name",): Span(2, 1, 2, 5),
    ("llm",): Span(3, 1, 3, 4),
    ("llm", "fallbacks", 0, "model"): Span(7, 7, 7, 12),
    ("llm", "fallbacks", 1, "temperature"): Span(8, 24, 8, 35),
    ("llm", "fallbacks", 1): Span(8, 9, 8, 41),
    ("ключ",): Span(16, 1, 16, 7),
}


def shifted(span: Span, columns: int) -> Span:
    return Span(span.line, span.column + columns, span.end_line, span.end_column + columns)


@pytest.mark.parametrize("path", VALUES, ids=str)
def test_values_stand_where_they_were_written(path: KeyPath) -> None:
    assert document_of(TEXT).value_span(path) == VALUES[path]


@pytest.mark.parametrize("path", KEYS, ids=str)
def test_keys_stand_where_they_were_written(path: KeyPath) -> None:
    assert document_of(TEXT).key_span(path) == KEYS[path]


@pytest.mark.parametrize(
    "written", [TEXT.replace("\n", "\r\n"), TEXT.replace("\n", "\r"), "\ufeff" + TEXT], ids=["crlf", "cr", "bom"]
)
def test_line_breaks_and_a_byte_order_mark_move_nothing(written: str) -> None:
    document = document_of(written)
    assert document.faults == ()
    assert document.value == document_of(TEXT).value
    assert {path: document.value_span(path) for path in VALUES} == VALUES
    assert {path: document.key_span(path) for path in KEYS} == KEYS


def test_characters_beyond_the_basic_plane_count_one_column() -> None:
    document = document_of("a: {🦜: 1, b: 2}")
    assert document.key_span(("a", "🦜")) == Span(1, 5, 1, 6)
    assert document.value_span(("a", "b")) == Span(1, 14, 1, 15)


@pytest.mark.parametrize("character", "\x85\u2028\u2029")
def test_what_yaml_1_1_takes_for_line_breaks_counts_one_column(character: str) -> None:
    document = document_of(f"a: 'x{character}y'\nb: {{c{character}: 1, d: 2}}\n")
    assert document.value == {"a": f"x{character}y", "b": {f"c{character}": 1, "d": 2}}
    assert document.value_span(("b", "d")) == Span(2, 15, 2, 16)


def test_private_use_characters_stay_beside_such_line_breaks() -> None:
    text = "".join(map(chr, range(0xE000, 0xE010)))
    assert document_of(f"a: '{text}\u2028'\n").value == {"a": f"{text}\u2028"}


def test_where_nothing_stands_the_innermost_holder_is_shown() -> None:
    document = document_of(TEXT)
    assert document.value_span(("llm", "fallbacks", 0, "temperature")) == VALUES["llm", "fallbacks", 0]
    assert document.value_span(("llm", "fallbacks", 7, "model")) == VALUES["llm", "fallbacks"]
    assert document.value_span(("nothing",)) == Span(2, 1, 2, 1)
    assert document.key_span(("llm", "nothing")) == VALUES["llm",]


def test_every_single_value_is_found_with_the_lines_it_takes() -> None:
    found = {path: (text, first, last) for path, text, first, last in document_of(TEXT).scalars()}
    assert found["llm", "stop", 1] == ("b", 5, 5)
    assert found["llm", "fallbacks", 1, "temperature"] == ("0.5", 8, 8)
    text, first, last = found["instructions",]
    assert (text, first, last >= 12) == ("Zeile eins\n\nZeile drei\n", 9, True)
    assert len(found) == 12


# -- what is refused, and where

REFUSED = {
    "a: 1\nb: {c: 1, c: 2}\n": ("AC004", Span(2, 11, 2, 12), "b.c", "'c' stands here twice"),
    "a: !!int 1\n": ("AC005", Span(1, 4, 1, 11), "a", "the tag !!int is not allowed"),
    "a: !mine {b: 1}\n": ("AC005", Span(1, 4, 1, 16), "a", "the tag !mine is not allowed"),
    "a: ! b\n": ("AC005", Span(1, 4, 1, 7), "a", "the tag ! is not allowed"),
    "!!set a: b\n": ("AC005", Span(1, 1, 1, 8), "a", "the tag !!set is not allowed"),
    "a: 1\n---\nb: 1\n": ("AC006", Span(2, 1, 2, 2), None, "a second document starts here"),
    "a: {<<: {b: 1}}\n": ("AC007", Span(1, 5, 1, 7), "a.<<", "merge keys are not allowed"),
    "a:\n\tb: 1\n": ("AC008", Span(2, 1, 2, 2), None, "a tab stands where spaces must"),
    "a: [&x [1], {0o17: 1}]\n": ("AC012", Span(1, 14, 1, 18), "a[1].0o17", "the key 0o17 is not a string"),
    "a: {? [b] : 1}\n": ("AC012", Span(1, 7, 1, 10), "a.?", "this key is not a string"),
    "a: [1, -.inf]\n": ("AC013", Span(1, 8, 1, 13), "a[1]", "this is not a finite number"),
    "": ("AC014", Span(1, 1, 1, 1), None, "this file holds no document"),
    "---\n": ("AC014", Span(1, 1, 1, 1), None, "this file holds no document"),
    "a:\nb: 1\n": ("AC015", Span(1, 3, 1, 3), "a", "nothing stands here"),
    "just text\n": ("AC101", Span(1, 1, 1, 10), None, "this file holds a single value, not keys and values"),
    "[a]\n": ("AC101", Span(1, 1, 1, 4), None, "this file holds a list, not keys and values"),
    "ä: b: c\n": ("AC001", Span(1, 5, 1, 6), None, "a second ':' on this line, or a key at the wrong depth"),
    "a: 'b\n": ("AC001", Span(2, 1, 2, 2), None, "the file ends inside a quoted text"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_the_format_refuses_is_shown_where_it_stands(text: str) -> None:
    code, span, key, message = REFUSED[text]
    [fault] = document_of(text).faults
    assert (fault.code, fault.span, fault.key, fault.message) == (code, span, key, message)
    assert fault.hint


def test_bytes_that_are_not_utf8_are_shown_by_line_and_column() -> None:
    [fault] = document_of("name: ä\nü: ".encode() + b"\xff\n").faults
    assert (fault.code, fault.line, fault.column) == ("AC002", 2, 4)


def test_a_control_character_is_named_with_the_way_to_write_it() -> None:
    [fault] = document_of("a: 1\nb: 'ä\x07'\n").faults
    assert (fault.code, fault.line, fault.column) == ("AC003", 2, 6)
    assert fault.message == "the control character U+0007 is not allowed"
    assert fault.hint == 'delete it, or write "\\x07" inside double quotes'


def test_several_mistakes_in_one_file_are_all_found() -> None:
    text = "a: !!str b\na: 1\n1: x\nc: .nan\nd:\ne: {<<: {}}\n"
    assert [fault.code for fault in document_of(text).faults] == ["AC005", "AC004", "AC012", "AC013", "AC015", "AC007"]


def test_a_doubled_key_names_the_first() -> None:
    [fault] = document_of("a: 1\nb: 2\na: 3\n").faults
    assert [(place.line, place.column) for place in fault.related] == [(1, 1)]


def test_after_a_syntax_error_there_are_no_values() -> None:
    document = document_of("a: 1\nb: [")
    assert (document.value, document.is_readable) == ({}, False)


# -- what is taken

TAKEN = {
    "{}": {},
    "--- {}\n...\n": {},
    "%YAML 1.2\n---\na: 1\n": {"a": 1},
    "a: [x, 'y', \"z\\u00e9\\n\"]": {"a": ["x", "y", "zé\n"]},
    "a: &x [1]\nb: *x\n": {"a": [1], "b": [1]},
    "? a\n: b\n": {"a": "b"},
    "'1': a\n\"true\": b\n": {"1": "a", "true": "b"},
    "a: |+\n  x\n\n": {"a": "x\n\n"},
    "a: >\n  x\n  y\n": {"a": "x y\n"},
    "a: # nothing yet\n  b\n": {"a": "b"},
    "a: null\nb: ~\nc: Null\n": {"a": None, "b": None, "c": None},
    "a: ''\nb: \"\"\n": {"a": "", "b": ""},
    "a: 'null'\nb: '1'\nc: \"true\"\n": {"a": "null", "b": "1", "c": "true"},
    "a: x  # y\nb: 'x # y'\nc: x#y\n": {"a": "x", "b": "x # y", "c": "x#y"},
    "<: 1\n'<<': 2\n=: 3\n": {"<": 1, "<<": 2, "=": 3},
}


@pytest.mark.parametrize("text", TAKEN)
def test_values_are_those_of_yaml_1_2(text: str) -> None:
    document = document_of(text)
    assert (document.value, document.faults) == (TAKEN[text], ())


def test_aliases_within_the_budget_are_values_like_any_other() -> None:
    shared = "a: &a [" + "x, " * 90 + "x]\n"
    document = document_of(shared + "b: [" + ", ".join(["*a"] * 100) + "]\n")
    assert document.faults == ()
    assert document_of(shared + "b: [" + ", ".join(["*a"] * 120) + "]\n").faults[0].code == "AC009"


def test_nesting_of_64_is_taken_and_of_65_is_not() -> None:
    """The mapping of the file is the first level."""
    assert document_of("a: " + "[" * 63 + "1" + "]" * 63).faults == ()
    assert document_of("a: " + "[" * 64 + "1" + "]" * 64).faults[0].code == "AC010"
    blocks = ["  " * depth + "a:" for depth in range(64)]
    assert document_of("\n".join([*blocks[:63], "  " * 63 + "a: 1"])).faults == ()
    assert document_of("\n".join([*blocks, "  " * 64 + "a: 1"])).faults[0].code == "AC010"


def test_a_lexicon_is_shared_and_changes_no_reading() -> None:
    lexicon = Lexicon()
    text = "a: 1\nb: [true, null, 1e3, '1']\n'c': {a: x}\n"
    documents = [parse("a.yaml", "a.yaml", text.encode(), lexicon) for _ in range(3)]
    refused = parse("b.yaml", "b.yaml", b"!t a: 1\n", lexicon)
    assert [document.value for document in documents] == [document_of(text).value] * 3
    assert [fault.code for fault in refused.faults] == ["AC005"]
    empty = [parse("c.yaml", "c.yaml", b"a:\n", lexicon).faults[0].code for _ in range(2)]
    assert empty == ["AC015", "AC015"]


def test_what_later_stages_look_for_is_noted() -> None:
    def noted(text: str) -> Document:
        return document_of(text)

    assert noted("llm: {model: a/b}").noted == frozenset()
    assert noted("llm: {extra: {a: 1}}\nx-b: 1").noted == {"extra", "x-"}
    assert noted("a: null").has_null
    assert not noted("a: 'null'").has_null
