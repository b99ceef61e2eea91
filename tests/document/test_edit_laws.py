"""Laws of editing, over files in every style: the value is the one asked for, and the rest of the text untouched."""

from __future__ import annotations

import io
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from agentconf.document.change import Change, Delete, Put, Rename, applied, is_same
from agentconf.document.edit import Editor, edit, overlap, with_edits
from agentconf.document.outline import Entry, Outline, outline, text_of
from agentconf.errors import EditRefused
from agentconf.keypath import KeyPath
from tests.document.written import KEYS, any_text, any_value
from tests.support import REPOSITORY, document_of

RANDOMS = st.randoms(use_true_random=False)
FILES = [
    path
    for folder in ("agents.d", "tests/cases/good")
    for path in sorted((REPOSITORY / folder).rglob("*.yaml"))
    if document_of(path.read_bytes()).is_readable
]


def any_change(random: Random, paths: list[KeyPath]) -> Change:
    path = random.choice(paths)
    kind = random.randrange(5)
    if kind == 0:
        return Rename(path, random.choice(KEYS))
    if kind == 1:
        return Delete(path)
    if kind == 2:
        return Put((*path, random.choice((*KEYS, 0, 1))), any_value(random))
    if kind == 3:
        return Put((*path[:-1], random.choice(KEYS)), any_value(random))
    return Put(path, any_value(random))


def changed(random: Random, data: bytes) -> tuple[bytes, Change] | None:
    """The file after some change; None for one that has no meaning for its value."""
    document = document_of(data)
    assert document.faults == ()
    change = any_change(random, [path for path, _ in outline(data).walk()])
    try:
        expected = applied(change, document.value)
    except EditRefused:
        return None
    after = with_edits(data, [edit(document, change)])
    result = document_of(after)
    assert result.faults == ()
    assert is_same(result.value, expected)
    return after, change


def concerned(written: Outline, change: Change) -> tuple[int, int]:
    """The lines that a change may touch, from 0, the end exclusive: those of the entry, or of its holder's last one.

    For a deletion the comments and blank lines round it, too; where nothing is left, the lines of what held it; and
    the lines before and behind: a comma may go with an item, and the next key may move up to a list's dash.
    """
    way = written.way(change.path)
    entry = way[-1] if way else Entry(None, 0, None, written.root)
    if isinstance(change, Delete) and len(way) > 1 and len(way[-2].value.entries) == 1:
        entry = way[-2]
    first = line_of(written, entry.start)
    last = line_of(written, entry.end - (written.text[entry.end - 1] in "\r\n"))
    if isinstance(change, Rename):
        return first, last + 1
    lines = lines_of(written.text)
    last = passed(lines, last, 1)
    if isinstance(change, Delete):
        return max(passed(lines, first, -1) - 1, 0), last + 2
    return first, last + 1


def passed(lines: list[str], number: int, step: int) -> int:
    """The last of the comments and blank lines that follow a line."""
    while 0 <= number + step < len(lines) and lines[number + step].strip()[:1] in {"", "#"}:
        number += step
    return number


def line_of(written: Outline, offset: int) -> int:
    return len(lines_of(written.text[:offset])) - 1


def lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


@given(RANDOMS)
def test_the_value_is_the_one_asked_for_and_the_lines_beside_it_are_untouched(random: Random) -> None:
    data = any_text(random)
    outcome = changed(random, data)
    if outcome is None:
        return
    after, change = outcome
    first, end = concerned(outline(data), change)
    before_lines, after_lines = lines_of(text_of(data)), lines_of(text_of(after))
    assert after_lines[:first] == before_lines[:first]
    if end < len(before_lines):
        assert after_lines[-(len(before_lines) - end) :] == before_lines[end:]


@given(RANDOMS)
def test_a_new_key_and_another_name_lose_no_comment(random: Random) -> None:
    data = any_text(random)
    outcome = changed(random, data)
    if outcome is None:
        return
    after, change = outcome
    is_new = isinstance(change, Put) and len(outline(data).way(change.path)) < len(change.path)
    if is_new or isinstance(change, Rename):
        assert comments(after) == comments(data)
    assert comments(after) <= comments(data)


def comments(data: bytes) -> set[str]:
    """The notes that the writer of these texts leaves, each of its own number."""
    return {line[line.index("# note") :].strip() for line in text_of(data).splitlines() if "# note" in line}


@given(RANDOMS)
def test_the_line_ends_and_the_byte_order_mark_stay(random: Random) -> None:
    data = any_text(random)
    outcome = changed(random, data)
    if outcome is None:
        return
    after, _ = outcome
    assert after.startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")
    if b"\r\n" in data:
        assert after.count(b"\n") == after.count(b"\r\n")


@given(RANDOMS)
def test_edits_that_do_not_overlap_can_be_made_together(random: Random) -> None:
    data = any_text(random)
    editor = Editor(document_of(data))
    paths = [path for path, entry in outline(data).walk() if entry.key is not None]
    chosen = random.sample(paths, min(len(paths), 4))
    edits = [editor.plan(Rename(path, f"new-{number}")) for number, path in enumerate(chosen)]
    assert not any(overlap(one, other) for one in edits for other in edits if one is not other)
    result = document_of(editor.combined(edits))
    assert {key for key in keys_of(result.value) if key.startswith("new-")} == {f"new-{n}" for n in range(len(chosen))}


def keys_of(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


@given(RANDOMS)
def test_a_second_reader_sees_the_same_value(random: Random) -> None:
    data = any_text(random)
    outcome = changed(random, data)
    if outcome is None or b"?" in data:  # libyaml and ruamel.yaml differ about `{?a: 1}`
        return
    after, _ = outcome
    if any(mark in after.decode() for mark in "\x85\u2028"):  # line breaks of YAML 1.1
        return
    seen = YAML(typ="safe", pure=True).load(io.BytesIO(after))
    assert is_same(seen, document_of(after).value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_key_of_real_files_can_be_renamed_and_renamed_back(path: Any) -> None:
    data = path.read_bytes()
    document = document_of(data)
    has_aliases = any(entry.value.kind == "alias" for _, entry in outline(data).walk())
    for key_path, entry in outline(data).walk():
        if entry.key is None or (has_aliases and len(key_path) > 1):
            continue
        there = with_edits(data, [edit(document, Rename(key_path, "x-other"))])
        back = edit(document_of(there), Rename((*key_path[:-1], "x-other"), str(key_path[-1])))
        assert with_edits(there, [back]) == data


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_a_key_of_real_files_that_is_put_and_deleted_again_leaves_no_trace(path: Any) -> None:
    data = path.read_bytes()
    added = with_edits(data, [edit(document_of(data), Put(("x-new",), {"a": ["b", {"c": "d\ne\n"}]}))])
    if document_of(data).value:  # `{}` has become a mapping on lines of its own
        assert with_edits(added, [edit(document_of(added), Delete(("x-new",)))]) == data
