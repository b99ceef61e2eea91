"""An edit through the API changes exactly the keys that were asked for, and no other byte."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentconf.document.change import Change, Put
from agentconf.document.outline import outline, text_of
from agentconf.keypath import KeyPath, look_up
from agentconf.server.problem import Problem
from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.difference import difference, is_alike
from agentconf.server.writing.drafting import NOT_EDITABLE, drafted
from agentconf.server.writing.merge_patch import merged
from agentconf.source.git.making import Person
from agentconf.source.tree import tree_of
from tests.document.test_edit_laws import comments
from tests.document.written import KEYS, any_mapping, any_text, any_value
from tests.server.writing.hosted import hosted
from tests.source.git.repositories import Repo
from tests.support import document_of

RANDOMS = st.randoms(use_true_random=False)
OF_THE_RFC: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), OF_THE_RFC)
def test_a_merge_patch_is_that_of_the_rfc(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


def patched(data: bytes, value: Any, way: Way = Way.MERGE) -> bytes | None:
    """The file after a write; None where it is refused."""
    asked = Asked(way, "a", Person("Ada", "ada@example.com"), "test", value)
    try:
        return drafted(tree_of({"a.yaml": data}), "a.yaml", asked).data
    except Problem as problem:
        if problem.kind is not NOT_EDITABLE:
            raise
        return None


def any_patch(random: Random, value: dict[str, Any]) -> dict[str, Any]:
    """Some keys removed, some put, some patched further below."""
    patch: dict[str, Any] = {}
    for key in random.sample(list(value), random.randint(0, min(2, len(value)))):
        below = value[key]
        is_deeper = isinstance(below, dict) and random.random() < 0.6
        patch[key] = any_patch(random, below) if is_deeper else random.choice((None, any_value(random)))
    if random.random() < 0.4:
        patch[random.choice(KEYS)] = any_value(random)
    return patch


def assert_rest_untouched(before: bytes, after: bytes) -> None:
    """Every entry that no change is at, above or below of is written as it was, to the character."""
    old, new = document_of(before).value, document_of(after).value
    changes = [change.path for change in difference(old, new)]
    texts = [text_of(before), text_of(after)]
    found = [dict(outline(data).walk()) for data in (before, after)]
    for path, entry in found[0].items():
        if any(_is_concerned(path, changed) for changed in changes):
            continue
        other = found[1][path]
        old_text, new_text = texts[0][entry.start : entry.end], texts[1][other.start : other.end]
        known = {new_text}
        if entry.end == len(texts[0]) and not texts[0].endswith("\n"):
            known.add(new_text.replace("|-", "|", 1))  # its last line had no break: so it says, now that one follows
        assert old_text in known, path
    assert comments(after) <= comments(before)
    if all(_loses_no_comment(change, old) for change in difference(old, new)):
        assert comments(after) == comments(before)
    assert before.startswith(b"\xef\xbb\xbf") == after.startswith(b"\xef\xbb\xbf")


def _loses_no_comment(change: Change, old: dict[str, Any]) -> bool:
    """A new key, or another single value: what goes, or held something, takes its comments along."""
    return isinstance(change, Put) and not isinstance(look_up(old, change.path), dict | list | str)


def _is_concerned(path: KeyPath, changed: KeyPath) -> bool:
    """Whether a change is there, below, or above; in a list, anywhere in it, since its items may move."""
    in_list = next((at for at, step in enumerate(changed) if isinstance(step, int)), len(changed))
    shared = changed[: in_list or 1]
    length = min(len(path), len(shared))
    return path[:length] == shared[:length]


@given(RANDOMS)
def test_a_patch_changes_what_it_names_and_no_other_byte(random: Random) -> None:
    data = any_text(random)
    value = document_of(data).value
    patch = any_patch(random, value)
    after = patched(data, patch)
    if after is None:
        return
    assert is_alike(document_of(after).value, merged(value, patch))
    assert_rest_untouched(data, after)


@given(RANDOMS)
def test_a_put_gives_the_document_that_was_sent_and_touches_no_other_byte(random: Random) -> None:
    data = any_text(random)
    wanted = {**document_of(data).value, **any_mapping(random)}
    for key in random.sample(list(wanted), random.randint(0, len(wanted) - 1)):
        if random.random() < 0.5:
            del wanted[key]
    after = patched(data, wanted, Way.REPLACE)
    if after is None:
        return
    assert is_alike(document_of(after).value, wanted)
    assert_rest_untouched(data, after)


@given(RANDOMS)
def test_what_changes_nothing_changes_no_byte(random: Random) -> None:
    data = any_text(random)
    value = document_of(data).value
    backwards = dict(reversed(value.items()))
    assert patched(data, backwards, Way.REPLACE) == data
    assert patched(data, {key: item for key, item in value.items() if not has_null(item)}) == data
    assert patched(data, {"x-not-there": None}) == data


def has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    return value is None


@given(RANDOMS)
def test_of_one_number_that_changes_nothing_but_its_digits_differ(random: Random) -> None:
    data = any_text(random)
    numbers = [
        path
        for path, entry in outline(data).walk()
        if entry.value.kind == "scalar" and entry.value.style is None and all(isinstance(step, str) for step in path)
    ]
    if not numbers:
        return
    path = random.choice(numbers)
    patch: Any = 4711
    for step in reversed(path):
        patch = {step: patch}
    after = patched(data, patch)
    assert after is not None
    piece = dict(outline(data).walk())[path].value
    text, new = text_of(data), text_of(after)
    assert new.startswith(text[: piece.inner])
    assert new.endswith(text[piece.end :])
    assert new[piece.inner : len(new) - len(text) + piece.end].strip() == "4711"


@given(RANDOMS)
def test_a_new_document_says_what_was_sent(random: Random) -> None:
    value = any_mapping(random)
    after = patched(b"", value, Way.CREATE)
    if after is not None and document_of(after).is_readable:
        assert is_alike(document_of(after).value, value)


@pytest.mark.timeout(120)
def test_the_same_through_the_server(repo: Repo, tmp_path: Path) -> None:
    """The law over HTTP, file and history included, on agents whose metadata are written in every style."""
    with hosted(repo.tree, tmp_path) as server:
        file = repo.tree / "a.yaml"

        @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
        @given(RANDOMS)
        def holds(random: Random) -> None:
            before = file.read_bytes()
            said = document_of(before).value
            patch: dict[str, Any] = {
                "name": random.choice(("One", "Two", "Drei")),
                "llm": {"temperature": random.choice((None, 0, 0.5, 1))},
                "metadata": {random.choice("abc"): any_patch(random, {"x": 1}), "n": random.randrange(9)},
            }
            answer = server.writer.patch(patch)
            if answer.status == 422:
                assert file.read_bytes() == before
                return
            assert answer.status == 200
            after = file.read_bytes()
            assert is_alike(document_of(after).value, merged(said, patch))
            assert_rest_untouched(before, after)
            assert repo.git("show", "HEAD:agents.d/a.yaml") == after.decode().strip()

        holds()
    assert repo.git("status", "--porcelain") == ""
