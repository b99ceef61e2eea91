"""A comment for a pull request, whatever the tree holds. `tests/proof/test_review.py` asks a reader of GitHub's."""

from __future__ import annotations

import pytest

from agentconf.diagnostic import Diagnostic, Rule
from agentconf.diff.change import Cause, Change, Meaning
from agentconf.diff.review import Review
from agentconf.report.review.markdown import LIMIT, MARK, render


def comment(*changes: Change, base: str = "before") -> str:
    return render(Review(base, "after", (None,), list(changes)))


def change(file: str = "a.yaml", text: str = "it is so", agent: str = "a") -> Change:
    return Change(agent, None, "changed", "name", "old", "new", Cause(file, 1), (Meaning("rule", "low", text),))


@pytest.mark.parametrize("name", ["a|b", "a\\|b", "a\\\\|b", "a`|`b", "|", "\\"])
def test_a_name_ends_neither_its_code_nor_its_cell(name: str) -> None:
    row = next(line for line in comment(change(f"{name}.md")).splitlines() if line.startswith("| 🟡"))
    assert cells(row) == 4
    assert row.count("`") == 2


def cells(row: str) -> int:
    """As GitHub's reader parts a row: a backslash takes the sign behind it along."""
    number, at = -1, 0
    while at < len(row):
        number += row[at] == "|"
        at += 2 if row[at] == "\\" and row[at + 1 : at + 2].isascii() else 1
    return number


def test_signs_in_folded_html_are_themselves() -> None:
    policies = Change(None, None, "changed", None, None, None, Cause("a", 1), (
        Meaning("policy", "high", "the policy 'a' is <gone> & \"off\" #1"), Meaning("rule", "low", "x"),
    ))  # fmt: skip
    said = comment(policies)
    assert "<summary>the policy 'a' is &lt;gone&gt; &amp; \"off\" #\u200b1 (a:1)</summary>" in said


def test_one_long_sentence_does_not_take_the_place_of_all_others() -> None:
    said = comment(change(text="long " * 20_000, agent="a"), change("b.yaml", agent="b"))
    assert "`b.yaml:1`" in said
    assert "…" in said
    assert len(said) < 5_000


def test_one_long_prompt_does_not_take_the_place_of_all_others() -> None:
    words = " ".join(f"word{number}" for number in range(1_900))
    meaning = (Meaning("instructions", "low", "changes"),)
    prompts = [Change(name, None, "changed", "instructions", None, words, Cause(name, 1), meaning) for name in "abcdef"]
    said = comment(*prompts)
    assert said.count("<details>") == 6
    assert said.count("<ins>") == 6


def test_the_sides_are_named() -> None:
    assert comment(base="main (`x`|y)").endswith("\n*From `main ('x'\\|y)` to `after`.*\n")


def test_errors_leave_room_for_what_changes() -> None:
    wrong = Rule("AC106", "malformed-value")
    found = tuple(Diagnostic(wrong, "<@#*" * 300, f"{number}.yaml") for number in range(100))
    said = render(Review("before", "after", (None,), [change()], found, found))
    assert len(said) < LIMIT / 2
    assert said.count(" more") == 2
    assert "`a.yaml:1`" in said


def test_however_much_changes_it_fits_and_its_end_is_whole() -> None:
    said = comment(*(change(f"folder/{number}.yaml", "it is so " * 30, f"agent-{number}") for number in range(2_000)))
    assert said.startswith(MARK)
    assert len(said) <= LIMIT
    assert "rows of the table" in said
    assert said.endswith("*From `before` to `after`.*\n")
