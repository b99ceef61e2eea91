from __future__ import annotations

from typing import Any

import pytest

from agentconf.testing import snapshot_of

LLM = {"model": "openai/gpt-4.1"}


@pytest.mark.parametrize("text", ["\x01", "\x7f", "\x85", "\u2028", "\ufeff", "\ue000", "👩\u200d💻", "é"])
def test_a_text_comes_back_whatever_is_in_it(text: str) -> None:
    assert snapshot_of({"a": {"llm": LLM, "metadata": {"k": text}}})["a"].metadata["k"] == text


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "no file can hold"),
        (float("inf"), "no file can hold"),
        ("\ud800", "half a character"),
        ([{"k" * 2000: 1}], "a key of more than 1000"),
    ],
)
def test_what_no_file_can_hold_is_refused_in_a_sentence(value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        snapshot_of({"a": {"llm": LLM, "metadata": {"k": value}}})


@pytest.mark.parametrize("name", ["../a", "/a", "a/", "a//b", "./a", "a\nb", ""])
def test_a_name_that_no_file_of_a_tree_has_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a file's name"):
        snapshot_of({name: {"llm": LLM}})
