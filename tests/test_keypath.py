from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.keypath import ABSENT, KeyPath, look_up, parse, render

STEPS = (
    st.text(min_size=1)
    | st.integers(0, 10**9 - 1)
    | st.sampled_from(("a", "a.b", 'a"b', "a\\b", "a b", "[0]", "\\", "ü"))
)
VALUE = {"llm": {"fallbacks": [{"model": "a/b"}, {}], "stop": None}, "metadata": {"a.b": 1, "0": 2, "": 3}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("llm", "temperature"), "llm.temperature"),
        (("llm", "fallbacks", 0, "model"), "llm.fallbacks[0].model"),
        (("metadata", "a.b"), 'metadata["a.b"]'),
        (("metadata", 'a"b\\c'), 'metadata["a\\"b\\\\c"]'),
        (("with blank",), '["with blank"]'),
        (("x-off", "ü"), "x-off.ü"),
    ],
)
def test_paths_are_written_as_people_read_them(path: KeyPath, text: str) -> None:
    assert render(path) == text
    assert parse(text) == path


@given(st.lists(STEPS, max_size=5).map(tuple))
def test_what_render_writes_parse_reads(path: KeyPath) -> None:
    assert parse(render(path)) == path


def test_an_empty_key_is_written_in_quotes() -> None:
    assert render(("a", "")) == 'a[""]'
    assert parse('a[""]') == ("a", "")


def test_a_number_between_points_is_understood_too() -> None:
    assert parse("llm.fallbacks.0.model") == ("llm", "fallbacks", "0", "model")
    assert look_up(VALUE, parse("llm.fallbacks.0.model")) == "a/b"


@pytest.mark.parametrize("text", [".a", "a.", "a..b", "a[", "a[]", "a[-1]", "a[x]", 'a["b]', " ", "a b", "a]", '"a"'])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a key; write it as"):
        parse(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), VALUE),
        (("llm", "stop"), None),
        (("llm", "fallbacks", 0, "model"), "a/b"),
        (("llm", "fallbacks", "1"), {}),
        (("metadata", 0), 2),
        (("metadata", ""), 3),
    ],
)
def test_values_are_looked_up(path: KeyPath, value: object) -> None:
    assert look_up(VALUE, path) == value


@pytest.mark.parametrize(
    "path", [("a",), ("llm", "stop", "a"), ("llm", "fallbacks", 2), ("llm", "fallbacks", "x"), ("llm", "fallbacks", -1)]
)
def test_nothing_is_not_the_same_as_null(path: KeyPath) -> None:
    assert look_up(VALUE, path) is ABSENT
    assert repr(ABSENT) == "ABSENT"
