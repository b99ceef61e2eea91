"""What edits write, and what they leave alone, shown by example; `test_edit_laws` has the laws."""

from __future__ import annotations

from typing import Any

import pytest

from agentconf.diagnostic import Span
from agentconf.document.change import Change, Delete, Put, Rename, applied
from agentconf.document.edit import Editor, edit, overlap, rewritten, with_edits
from agentconf.errors import EditRefused
from tests.support import document_of

AGENT = """\
# yaml-language-server: $schema=../schema/agent.schema.json
# the head of the file
name: A  # who

# the model
llm:  # here
    model: 'openai/gpt-4.1'   # best
    # sampling
    temperature: 0.2
    seed: 1
    # top_p: 1

tags: [a, "b"]  # two
instructions: | # the prompt
    one

    two

fallbacks:
  - model: a/b   # first
    seed: 1
  - {model: c/d, "seed": 2}
last: 1
"""


LLM = AGENT[AGENT.index("  # here") : AGENT.index("\ntags")]


def after(text: str, *changes: Change) -> str:
    return rewritten(document_of(text), changes).data.decode()


EXAMPLES: list[tuple[Change, str, str]] = [
    (Rename(("llm", "model"), "x-model"), "    model: '", "    x-model: '"),
    (Rename(("llm", "model"), "no"), "    model: '", '    "no": \''),
    (Rename(("fallbacks", 1, "seed"), "top_p"), '"seed": 2', '"top_p": 2'),
    (Put(("llm", "model"), "a/b"), "'openai/gpt-4.1'   #", "'a/b'   #"),
    (Put(("llm", "model"), 5), "'openai/gpt-4.1'   #", "5   #"),
    (Put(("name",), "it's: \"so\""), "name: A ", "name: 'it''s: \"so\"' "),
    (Put(("name",), "on"), "name: A ", 'name: "on" '),
    (Put(("name",), "1e3"), "name: A ", 'name: "1e3" '),
    (Put(("name",), "010"), "name: A ", 'name: "010" '),
    (Put(("name",), "\u2028"), "name: A ", 'name: "\\u2028" '),
    (Put(("name",), "a\nb\n"), "name: A  # who\n", "name: |  # who\n    a\n    b\n"),
    (Put(("name",), None), "name: A ", "name: null "),
    (Put(("name",), {"a": {"b": 1}}), "name: A  # who\n", "name:  # who\n    a:\n        b: 1\n"),
    (Put(("tags", 1), "c"), '"b"]', '"c"]'),
    (Put(("tags", 2), "c, d"), '"b"]', '"b", "c, d"]'),
    (Put(("tags",), []), '[a, "b"]', "[]"),
    (Put(("tags",), ["x" * 60, "y" * 60]), '[a, "b"]', "[" + "x" * 60 + ", " + "y" * 60 + "]"),
    (Put(("instructions",), "three\n"), "    one\n\n    two\n", "    three\n"),
    (Put(("instructions",), "three"), "| # the prompt\n    one\n\n    two\n", "|- # the prompt\n    three\n"),
    (Put(("instructions",), ""), "| # the prompt\n    one\n\n    two\n", '"" # the prompt\n'),
    (Put(("llm", "top_p"), 1), "    seed: 1\n    # top", "    seed: 1\n    top_p: 1\n    # top"),
    (Put(("llm", "stop"), ["a", "b"]), "    seed: 1\n    # top", "    seed: 1\n    stop: [a, b]\n    # top"),
    (Put(("llm", "cost", "usd"), 1), "    seed: 1\n    # top", "    seed: 1\n    cost:\n        usd: 1\n    # top"),
    (Put(("llm",), "off"), LLM, ' "off"  # here\n'),
    (Put(("llm",), {"model": "a/b"}), LLM, "  # here\n    model: a/b\n"),
    (Put(("fallbacks", 0, "top_p"), 1), "    seed: 1\n  -", "    seed: 1\n    top_p: 1\n  -"),
    (Put(("fallbacks", 1, "top_p"), 1), '"seed": 2}', '"seed": 2, top_p: 1}'),
    (Put(("fallbacks", 2), {"model": "e/f", "seed": 3}), "2}\n", "2}\n  - model: e/f\n    seed: 3\n"),
    (Put(("fallbacks", 0), {"model": "e/f"}), "- model: a/b   # first\n    seed: 1\n", "- model: e/f\n"),
    (Put(("last",), 2), "last: 1", "last: 2"),
    (Put(("more",), "x"), "last: 1", "last: 1\nmore: x"),
    (Delete(("name",)), "name: A  # who\n", ""),
    (Delete(("llm", "temperature")), "    temperature: 0.2\n", ""),
    (Delete(("llm",)), AGENT[AGENT.index("# the model") : AGENT.index("\ntags")], ""),
    (Delete(("tags", 0)), "[a, ", "["),
    (Delete(("tags", 1)), ', "b"]', "]"),
    (Delete(("instructions",)), AGENT[AGENT.index("instr") : AGENT.index("\nfallbacks")], ""),
    (Delete(("fallbacks", 0)), "  - model: a/b   # first\n    seed: 1\n", ""),
    (Delete(("fallbacks", 0, "model")), "- model: a/b   # first\n    seed", "- seed"),
    (Delete(("fallbacks", 1, "model")), "{model: c/d, ", "{"),
    (Delete(("last",)), "last: 1\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("change", "old", "new"), EXAMPLES, ids=lambda value: str(value)[:40])
def test_an_edit_changes_its_place_and_nothing_else(change: Change, old: str, new: str) -> None:
    assert AGENT.count(old) == 1
    assert after(AGENT, change) == AGENT.replace(old, new)


SMALL: list[tuple[str, Change, str]] = [
    ("{}", Put(("llm", "model"), "a/b"), "llm:\n  model: a/b"),
    ("{} # c\n", Put(("a",), "b\nc\n"), "# c\na: |\n  b\n  c\n"),
    ("--- {}\n", Put(("a",), {"b": 1}), "--- {a: {b: 1}}\n"),
    ("a: {}  # c\n", Put(("a", "b"), 1), "a:  # c\n  b: 1\n"),
    ("a: []\n", Put(("a", 0), {"b": 1}), "a:\n  - b: 1\n"),
    ("a: 1", Put(("b",), 2), "a: 1\nb: 2"),
    ("a: |\n  x", Put(("b",), 2), "a: |-\n  x\nb: 2"),
    ("a: |+\n  x\n\n", Put(("b",), 2), "a: |+\n  x\n\nb: 2\n"),
    ("a: |+\n  x\n\nb: 1\n", Delete(("a",)), "b: 1\n"),
    ("a: 1", Put(("a",), "x\ny\n"), "a: |\n  x\n  y\n"),
    ("a:\n", Put(("a",), 1), "a: 1\n"),
    ("a: 1\n", Delete(("a",)), "{}\n"),
    ("a:\n  b: 1  # c\nd: 2\n", Delete(("a", "b")), "a: {}\nd: 2\n"),
    ("a:  # c\n  b: 1\n", Delete(("a", "b")), "a: {}  # c\n"),
    ("a:\n- x\n", Delete(("a", 0)), "a: []\n"),
    ("{a: 1}", Delete(("a",)), "{}"),
    ("{a: 1, b: 2,}", Delete(("b",)), "{a: 1,}"),
    ("a: [\n  1, # one\n  2  # two\n]\n", Delete(("a", 1)), "a: [\n  1 # one\n]\n"),
    ("a: [\n  1, # one\n  2, # two\n]\n", Delete(("a", 0)), "a: [\n  2, # two\n]\n"),
    ("a: [\n  1, # one\n  2 # two\n]\n", Put(("a", 2), 3), "a: [\n  1, # one\n  2, # two\n  3\n]\n"),
    ('{"a": 1,\n "b": [1]}\n', Put(("c",), {"d": "x"}), '{"a": 1,\n "b": [1],\n "c": {"d": "x"}}\n'),
    ("? a\n: b\n? c\n: d\n", Delete(("a",)), "? c\n: d\n"),
    ("? a\n# why\n: b\n", Put(("a",), {"x": 1}), "? a\n# why\n:\n  x: 1\n"),
    ("a: &x 1\n", Put(("a",), 2), "a: &x 2\n"),
    ("a: 1\n# about b\nb: 2\n\nc: 3\n", Delete(("b",)), "a: 1\n\nc: 3\n"),
    ("a: 1\n# about b and c\nb: 2\nc: 3\n", Delete(("b",)), "a: 1\n# about b and c\nc: 3\n"),
    ("# the head\na: 1\n\nb: 2\n", Delete(("a",)), "# the head\n\nb: 2\n"),
    ("a:\n  b: 1\n  # c: 2\nd: 3\n", Delete(("a",)), "d: 3\n"),
    ("a:\n  - # why\n    b: 1\n    c: 2\n", Delete(("a", 0, "b")), "a:\n  - # why\n    c: 2\n"),
    ("a:\n  - b: 1\n    # next\n    c: 2\n", Delete(("a", 0, "b")), "a:\n  - # next\n    c: 2\n"),
    ("a: 1\nb: 2", Delete(("b",)), "a: 1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "change", "expected"), SMALL, ids=lambda value: repr(value)[:40])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_texts_of_all_kinds_and_line_ends(text: str, change: Change, expected: str, line_break: str) -> None:
    if "\n" not in text:
        line_break = "\n"  # which a text without any gets
    written = "\ufeff" + text.replace("\n", line_break)
    assert after(written, change) == "\ufeff" + expected.replace("\n", line_break)


REFUSED: list[tuple[str, Change, str]] = [
    ("a: 1\n", Rename(("b",), "c"), "there is no b to edit"),
    ("a: 1\n", Delete(("a", "b")), "there is no a.b to edit"),
    ("a: 1\n", Put(("a", "b"), 1), "there is no a.b to edit"),
    ("a: [1]\n", Put(("a", 2), 1), "there is no a[2] to edit"),
    ("a: [1]\n", Rename(("a", 0), "b"), "there is no a[0] to edit"),
    ("a: 1\n", Put(("b", 0), 1), "there is no b[0] to edit"),
    ("a: 1\nb: 2\n", Rename(("a",), "b"), "there is a key 'b' beside a already"),
    ("a: &x {b: 1}\nc: *x\n", Put(("c", "b"), 2), "stands in an alias"),
    ("a: &x {b: 1}\nc: *x\n", Put(("a", "b"), 2), "edit it by hand"),
    ("a: &x {b: 1}\nc: *x\n", Delete(("a",)), "edit it by hand"),
    ("a: 1\n", Put(("a",), float("nan")), "not finite"),
    ("a: 1\n", Put(("a",), "\ud800"), "half of a character"),
    ("a: 1\n", Put(("a",), {"b": object()}), "cannot stand in a file"),
    ("a: 1\n", Put(("a",), 10**5000), "cannot stand in a file"),
    ("a: [1\n", Put(("a",), 2), "cannot be read as it is"),
    ("a: 1\n", Put((), 2), "an edit names a key"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "change", "why"), REFUSED)
def test_what_cannot_be_done_exactly_is_refused(text: str, change: Change, why: str) -> None:
    with pytest.raises(EditRefused) as refusal:
        edit(document_of(text), change)
    assert why in str(refusal.value)


def test_a_file_with_a_fault_can_be_edited_beside_it() -> None:
    assert after("a: 1\nb: 2\na: 3\nc:\n", Rename(("b",), "d")) == "a: 1\nd: 2\na: 3\nc:\n"


def test_an_edit_says_where_it_is_in_lines_and_columns() -> None:
    made = edit(document_of("a: 1\nllm:\n  model: |\n    ä\n"), Put(("llm", "model"), "x"))
    assert (made.path, made.span, made.start, made.end) == ("a.yaml", Span(3, 10, 4, 6), 19, 26)


def test_the_text_of_an_edit_is_not_in_its_repr() -> None:
    assert "hush" not in repr(edit(document_of("a: 1\n"), Put(("a",), "hush")))


def test_edits_of_one_document_are_made_together() -> None:
    editor = Editor(document_of("lmm:\n  modle: x\ntgas: [a]\n"))
    changes: list[Change] = [Rename(("lmm",), "llm"), Rename(("lmm", "modle"), "model"), Put(("tgas", 0), "b")]
    assert editor.combined([editor.plan(change) for change in changes]) == b"llm:\n  model: x\ntgas: [b]\n"


def test_edits_that_spoil_each_other_are_refused() -> None:
    editor = Editor(document_of("a: 1\nb: 2\n"))
    edits = [editor.edit(Rename(("a",), "c")), editor.edit(Rename(("b",), "c"))]
    assert not overlap(*edits)
    with pytest.raises(EditRefused):
        editor.combined(edits)


def test_edits_of_one_place_overlap() -> None:
    editor = Editor(document_of("llm: {model: x}\n"))
    whole, inner = editor.edit(Put(("llm",), 1)), editor.edit(Put(("llm", "model"), "y"))
    first, second = editor.edit(Put(("llm", "a"), 1)), editor.edit(Put(("llm", "b"), 1))
    assert overlap(whole, inner)
    assert overlap(first, second)
    assert not overlap(inner, editor.edit(Rename(("llm", "model"), "x")))


def test_a_key_and_a_value_are_found_by_their_place() -> None:
    editor = Editor(document_of("llm: {ä: [x, y]}\n"))
    assert editor.key_at(1, 7) == ("llm", "ä")
    assert editor.value_at(1, 14) == ("llm", "ä", 1)
    assert editor.value_at(1, 7) is None


def test_what_a_change_leaves_is_another_value() -> None:
    value: dict[str, Any] = {"a": {"b": 1}}
    assert applied(Put(("a", "c"), 2), value) == {"a": {"b": 1, "c": 2}}
    assert value == {"a": {"b": 1}}


def test_changes_made_one_after_the_other_see_what_is_before_them() -> None:
    changes: list[Change] = [Put(("llm", "model"), "a/b"), Rename(("llm", "model"), "x"), Delete(("name",))]
    assert after("name: A\n", *changes) == "llm:\n  x: a/b\n"


def test_no_edits_change_nothing() -> None:
    assert with_edits(AGENT.encode(), ()) == AGENT.encode()
