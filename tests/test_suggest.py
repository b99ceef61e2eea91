from __future__ import annotations

import pytest

from agentconf.suggest import misspelling_of, nearest

NAMES = (
    "llm", "name", "tags", "model", "top_p", "temperature", "max_tokens", "stream_timeout", "fallbacks", "usd", "day"
)  # fmt: skip


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("temprature", "temperature"),
        ("temperatuer", "temperature"),
        ("tepmerture", "temperature"),
        ("lmm", "llm"),
        ("nmae", "name"),
        ("tag", "tags"),
        ("max-tokens", "max_tokens"),
        ("maxTokens", "max_tokens"),
        ("USD", "usd"),
        ("Day", "day"),
    ],
)
def test_a_slip_of_the_finger_is_certain(word: str, meant: str) -> None:
    assert misspelling_of(word, NAMES) == meant


@pytest.mark.parametrize("word", ["top_k", "min_p", "stream", "callbacks", "x", "", "models_of_ours", "a" * 1000])
def test_what_may_be_another_word_is_not(word: str) -> None:
    assert misspelling_of(word, NAMES) is None


def test_of_two_names_as_near_neither_is_certain() -> None:
    assert misspelling_of("input_c", ("input_a", "input_b")) is None
    assert misspelling_of("A-B", ("a_b", "a-b")) is None
    assert nearest("input_c", ("input_a", "input_b")) is not None
