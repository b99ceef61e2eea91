"""Instructions, word by word."""

from __future__ import annotations

from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.diff.entry import Entry
from agentconf.report.review.word_diff import no_word_diff, word_diff

TEXTS = st.text(alphabet="ab ,.\n", max_size=60)
ADVERSE = {
    "one sign everywhere": ("a, " * 990, "b, " * 990),
    "two words at random": tuple(" ".join(Random(seed).choices("ab", k=1_990)) for seed in (1, 2)),
    "few words at random": tuple(" ".join(Random(seed).choices("abcdefgh", k=1_990)) for seed in (1, 2)),
    "rows of a table": ("| a | b |\n" * 300, "| c | d |\n" * 300),
    "turned round": ("a b " * 999, "b a " * 999),
}


def about(old: str, new: str) -> Entry:
    return Entry(None, "changed", "instructions", old, new)


@given(TEXTS, TEXTS)
def test_what_stays_and_goes_is_the_old_text_and_what_stays_and_comes_the_new(old: str, new: str) -> None:
    found = word_diff(about(old, new))
    assert "".join(text for sign, text in found if sign != "+") == old
    assert "".join(text for sign, text in found if sign != "-") == new
    assert all(text for _, text in found)


def test_a_word_that_changes_is_told_alone() -> None:
    found = word_diff(about("Be kind and brief.", "Be kind and exact."))
    assert found == [("=", "Be kind and "), ("-", "brief"), ("+", "exact"), ("=", ".")]


@pytest.mark.parametrize("name", ADVERSE)
def test_no_text_takes_long(name: str) -> None:
    old, new = ADVERSE[name]
    began = process_time()
    assert word_diff(about(old, new))
    assert process_time() - began < 5


def test_where_too_much_differs_that_is_said() -> None:
    old, new = (" ".join(f"{name}{number}" for number in range(3_000)) for name in "ab")
    assert word_diff(about(old, new)) == []
    assert no_word_diff(about(old, new)) == (
        "too much differs to show it word by word: 3,000 words before, 3,000 after"
    )
    assert no_word_diff(about(old, f"{old} more")) == ""


def test_other_values_are_not_compared_by_words() -> None:
    assert word_diff(Entry(None, "changed", "description", "a", "b")) == []
    assert no_word_diff(Entry(None, "changed", "description", "a", "b")) == ""
