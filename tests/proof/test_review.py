"""A review, read by a reader of GitHub's Markdown."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from random import Random

import pytest

from agentconf.diff.change import Cause, Change, Meaning
from agentconf.diff.group import grouped
from agentconf.diff.review import Review
from agentconf.diff.work import Order, review
from agentconf.redact import printable
from agentconf.report.review import markdown
from agentconf.report.review.words import place, what
from tests.diff.cases import CASES, OUTLOOK, reviewed
from tests.support import REPOSITORY, needs_package, values

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

SCRIPT = REPOSITORY / "tests" / "services" / "gfm.mjs"
OWN_ELEMENTS = {
    "h3", "p", "strong", "b", "code", "table", "thead", "tbody", "tr", "th", "td", "br", "details", "summary", "ul",
    "li", "ins", "del", "em",
}  # fmt: skip
SIGNS = [*"|\\`*_{}[]()<>#~!@&\"'-+.:;=$^%/? \n", "\u200b", "\u202e", "\x1b[31m", "|---|", "</details>", "<img src=x>",
         "```", "](http://e.example)", "https://e.example", "www.e.example", "@octo/team", "#12", "a@e.example", "GH-1",
         "<!--", "-->", "<script>", "![x](y)", "[ ]", "1. ", "- ", "> ", "# ", "---", "    ", "&lt;", "&#96;", "word",
         "ünïcode", "</td>", "</summary>", "~~x~~", "[^1]", "mailto:a@e.example", ":smile:"]  # fmt: skip


class Page(HTMLParser):
    """What a browser makes of a page: its elements, and the texts that people see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.open: list[str] = []
        self.rows: list[int] = []
        self.depth = 0
        self.seen = ""
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        assert [name for name, _ in attrs if name != "align"] == []
        if tag == "tr":
            self.rows.append(0)
        elif tag in {"td", "th"}:
            self.rows[-1] += 1
        if tag != "br":
            self.open.append(tag)
        self.seen += " " if tag in {"br", "td", "li", "p", "summary"} else ""
        assert self.open.count("details") <= 1, "details in details"

    def handle_endtag(self, tag: str) -> None:
        if tag != "br":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data.strip())


def rendered(texts: list[str]) -> list[Page]:
    needs_package("micromark-extension-gfm")
    done = subprocess.run(["node", str(SCRIPT)], input=json.dumps(texts), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [Page(text) for text in json.loads(done.stdout)]


def words(text: str) -> str:
    """As people read it: marks of no width and the length of blanks are not seen."""
    return re.sub(r"[\s\u200b]+", "", text)


def test_every_case_is_a_table_and_folded_details() -> None:
    found = [reviewed(case) for case in CASES]
    for one, page in zip(found, rendered([markdown.render(one) for one in found]), strict=True):
        entries = grouped(one.changes)
        assert set(page.elements) <= OWN_ELEMENTS
        assert page.open == []
        assert page.comments == ["agentconf diff"]
        assert page.elements.count("details") == page.elements.count("summary")
        changes = page.rows[-len(entries) - 1 :] if entries else []
        assert changes == [4] * len(changes)
        for entry in entries:
            assert words(place(entry)) in words(page.seen)


def test_nothing_that_a_tree_holds_becomes_markup() -> None:
    random = Random(7)
    found = []
    for _ in range(300):
        description, instructions, note = ("".join(random.choices(SIGNS, k=random.randint(1, 12))) for _ in range(3))
        old = {"llm": {"model": "openai/a"}, "description": "x"}
        new = old | {"description": description, "instructions": instructions, "metadata": {"note": note}}
        order = Order(OUTLOOK)
        found.append(review(values({"a": old}), values({"a": new}), ("base `|` <b>", "head](x)"), order))
    for one, page in zip(found, rendered([markdown.render(one) for one in found]), strict=True):
        assert set(page.elements) <= OWN_ELEMENTS
        assert page.open == []
        assert page.comments == ["agentconf diff"]
        entries = grouped(one.changes)
        assert page.rows == ([4] * (len(entries) + 1) if entries else [])
        for entry in entries:
            assert words(printable(what(entry))) in words(page.seen)


def test_no_name_of_a_file_or_a_side_becomes_markup() -> None:
    random = Random(11)
    found = []
    for _ in range(300):
        base, head, file, text, agent = ("".join(random.choices(SIGNS, k=random.randint(1, 9))) for _ in range(5))
        meanings = Meaning("rule", "low", text), Meaning("policy", "high", f"policy '{text}'")
        change = Change(agent, None, "changed", "name", "old", text, Cause(file, 3), meanings)
        found.append(Review(base, head, (None,), [change]))
    for page in rendered([markdown.render(one) for one in found]):
        assert set(page.elements) <= OWN_ELEMENTS
        assert page.open == []
        assert page.comments == ["agentconf diff"]
        assert page.rows == [4, 4]
        assert page.elements.count("code") == 3
