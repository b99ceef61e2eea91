from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from agentconf import codes
from agentconf.report.page import as_markdown
from agentconf.rules.manual import pages
from tests.runtime.ways import RUNNER
from tests.support import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)")
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs_from_its_first_block_to_its_last(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    for name in ("AGENTCONF_DIR", "AGENTCONF_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(asyncio, "run", RUNNER.run)  # whose loop's connections LiteLLM is made to close in the end
    names: dict[str, object] = {"__name__": page.stem}
    text = page.read_text(encoding="utf-8")
    for block in PYTHON.finditer(text):
        line = text.count("\n", 0, block.start(1))
        exec(compile("\n" * line + block[1], str(page), "exec"), names)  # that is what is tested


def test_every_rule_has_its_line_and_its_page_among_the_rules() -> None:
    text = (REPOSITORY / "docs" / "rules.md").read_text(encoding="utf-8")
    known = {(rule.code, rule.name) for rule in codes.EVERY}
    assert set(re.findall(r"^\| \[(AC\d{3})\]\(#ac\d{3}\) \| `([a-z0-9-]+)`", text, re.MULTILINE)) == known
    assert set(re.findall(r"^### (AC\d{3}) ([a-z0-9-]+)$", text, re.MULTILINE)) == known
    for page in pages().values():
        assert as_markdown(page) in text, "stale: make generate"


def test_links_within_the_documentation_lead_somewhere() -> None:
    for page in PAGES:
        for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
            file = (page.parent / target).resolve() if target else page
            assert file.exists(), f"{page.name}: {target}"
            if anchor and file.suffix == ".md":
                assert anchor in _anchors(file), f"{page.name}: {target}#{anchor}"


def _anchors(page: Path) -> set[str]:
    """What can be linked to: headings as GitHub names them, and anchors of their own."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    named = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return named | set(re.findall(r'<a id="([^"]+)">', text))


def test_codes_are_unique_in_their_names() -> None:
    names: dict[str, str] = {}
    for rule in codes.EVERY:
        assert names.setdefault(rule.code, rule.name) == rule.name
    assert len(set(names.values())) == len(names)
