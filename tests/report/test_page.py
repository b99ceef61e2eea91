"""Pages of the manual as text and as Markdown."""

from __future__ import annotations

import pytest
import yaml

from agentconf.report.page import as_markdown, as_text, excuse_for, setting_of
from agentconf.rules.manual import Page, pages

PAGES = list(pages().values())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.rule.name)
def test_both_forms_say_all_of_the_page(page: Page) -> None:
    for said in (as_text(page, 10_000), as_markdown(page)):
        for part in (page.title, page.what, page.why, page.bad_in_words, page.good_in_words, page.fix):
            assert all(paragraph in said for paragraph in part.split("\n\n"))
        for files in (page.bad, page.good):
            assert all(line in said for text in files.values() for line in text.splitlines())
        assert (setting_of(page.rule).splitlines()[0] in said) is page.rule.can_be_set
        assert (excuse_for(page.rule) in said) is page.rule.can_be_excused


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.rule.name)
def test_blocks_are_closed(page: Page) -> None:
    assert as_markdown(page).count("```") % 2 == 0


@pytest.mark.parametrize("page", [page for page in PAGES if page.rule.can_be_set], ids=lambda page: page.rule.name)
def test_the_line_for_the_settings_sets_another_severity(page: Page) -> None:
    said = yaml.safe_load(setting_of(page.rule))["rules"]
    assert said.keys() == {page.rule.name}
    assert {*said.values(), page.rule.severity} == {"error", "warning"}


def test_a_page_fits_the_width_but_for_its_examples() -> None:
    page = pages()["AC001"]
    examples = {line for files in (page.bad, page.good) for text in files.values() for line in text.splitlines()}
    long = [line for line in as_text(page, 40).splitlines()[1:] if len(line) > 40 and line.strip() not in examples]
    assert long == []
