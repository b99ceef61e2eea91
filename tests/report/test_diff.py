from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from agentconf.report import diff


def test_a_file_that_stays_has_no_diff() -> None:
    assert diff.render("a.yaml", b"a: 1\n", b"a: 1\n") == ""


def test_a_missing_line_break_at_the_end_is_said_as_git_does() -> None:
    assert diff.render("a.yaml", b"a: 1", b"a: 2\n") == (
        "--- a.yaml\n+++ a.yaml\n@@ -1 +1 @@\n-a: 1\n\\ No newline at end of file\n+a: 2\n"
    )


def test_what_acts_on_a_terminal_is_escaped_and_secrets_are_hidden() -> None:
    before = "b: sk-0123456789abcdef\r\nd: \u202e\rapi_key: hushhush\nc: 1\re: 1\n".encode()
    shown = diff.render("a\x1b.yaml", before, before.replace(b"c: 1", b"c: 2"))
    assert "hushhush" not in shown
    assert "0123456789" not in shown
    assert not set("\u202e\x1b") & set(shown)
    assert "+c: 2\n" in shown


def test_a_change_beside_a_secret_is_shown_without_saying_what_it_is() -> None:
    before = b"llm: {api_key: hushhush, temprature: 1}\n"
    shown = diff.render("a.yaml", before, before.replace(b"temprature", b"temperature"))
    assert shown == "--- a.yaml\n+++ a.yaml\n@@ -1 +1 @@\n-***\n+***\n"


@given(st.text("ab\n", max_size=12), st.text("ab\n", max_size=12))
def test_it_is_what_difflib_writes(before: str, after: str) -> None:
    wanted = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), "x", "x", n=2)
    ended = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in wanted)
    assert diff.render("x", before.encode(), after.encode()) == "".join(ended)
