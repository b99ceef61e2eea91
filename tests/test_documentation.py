from __future__ import annotations

import re
from pathlib import Path

import pytest

from agentconf import codes
from tests.support import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_python_of_a_page_runs_from_its_first_block_to_its_last(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    for name in ("AGENTCONF_DIR", "AGENTCONF_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    names: dict[str, object] = {"__name__": page.stem}
    text = page.read_text(encoding="utf-8")
    for block in PYTHON.finditer(text):
        line = text.count("\n", 0, block.start(1))
        exec(compile("\n" * line + block[1], str(page), "exec"), names)  # that is what is tested


def test_every_code_has_its_line_in_the_page_of_codes() -> None:
    page = (REPOSITORY / "docs" / "codes.md").read_text(encoding="utf-8")
    said = {(code, name) for code, name in re.findall(r"\| (AC\d{3}) \| `([a-z0-9-]+)`", page)}
    assert said == {(rule.code, rule.name) for rule in codes.EVERY}


def test_codes_are_unique_in_their_names() -> None:
    names: dict[str, str] = {}
    for rule in codes.EVERY:
        assert names.setdefault(rule.code, rule.name) == rule.name
    assert len(set(names.values())) == len(names)
