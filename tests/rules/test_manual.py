"""The manual's examples are run: the bad one gives the finding on the marked line, and the good one does not."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from agentconf import codes
from agentconf.catalogue.assemble import catalogue_of
from agentconf.diagnostic import Diagnostic
from agentconf.live.installed import load_litellm
from agentconf.rules.manual import Page, page, pages
from agentconf.rules.outlook import Outlook
from agentconf.source.folder import read_folder
from agentconf.validation import Order, validate
from tests.rules.trees import plant

TODAY = date(2026, 6, 1)
OUTLOOK = Outlook(TODAY, lambda config: catalogue_of(config.models, config.lock, load_litellm))
PAGES = list(pages().values())
SHOWN = [one for one in PAGES if one.bad]
MARK = re.compile(r"# (AC\d{3})\b")


def found_in(files: dict[str, str], folder: Path) -> tuple[Diagnostic, ...]:
    plant(folder / "agents.d", files)
    return validate(read_folder(folder / "agents.d"), Order(outlook=OUTLOOK)).diagnostics


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(pages()) == {rule.code for rule in codes.EVERY}


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.rule.name)
def test_a_page_is_named_by_its_rule(one: Page) -> None:
    assert page(one.rule.name) is page(one.rule.code.lower()) is one
    assert one.title.endswith(".")
    assert one.what
    assert one.why
    assert one.fix


@pytest.mark.parametrize("one", SHOWN, ids=lambda one: one.rule.name)
def test_the_bad_example_gives_the_finding_on_the_marked_line(one: Page, tmp_path: Path) -> None:
    found = {
        (Path(finding.file).name, finding.line)
        for finding in found_in(one.bad, tmp_path)
        if finding.code == one.rule.code
    }
    marked = {
        (Path(path).name, number)
        for path, text in one.bad.items()
        for number, line in enumerate(text.splitlines(), 1)
        if one.rule.code in MARK.findall(line)
    }
    assert found
    assert not marked or found == marked


@pytest.mark.parametrize("one", SHOWN, ids=lambda one: one.rule.name)
def test_the_good_example_does_not_and_has_no_errors(one: Page, tmp_path: Path) -> None:
    found = found_in(one.good, tmp_path)
    assert not [finding for finding in found if finding.code == one.rule.code or finding.is_error]
