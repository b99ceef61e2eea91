"""The part of docs/rules.md that is written from the manual: the rules that are always errors, the table, the pages."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from agentconf.report.page import as_markdown
from agentconf.rules.manual import Page, pages

MARK: Final = "<!-- From here on, `make generate` writes what the modules of agentconf/rules say. -->\n"


def written(page: str) -> str:
    """The page with everything below the mark written anew; as it is where it has none."""
    head, mark, _ = page.partition(MARK)
    return f"{head}{mark}\n{_generated()}" if mark else page


def _generated() -> str:
    return "\n".join([_fixed(), "## The table\n", *_table(), *_pages()])


def _fixed() -> str:
    fixed = [page for page in pages().values() if not page.rule.can_be_set and not page.rule.can_be_excused]
    said = ", ".join(f"[`{page.rule.name}`](#{page.rule.code.lower()})" for page in fixed)
    head = "These are always errors: with any of them the files cannot be read as what they say, or are unsafe."
    listed = textwrap.fill(f"{said}.", 119, break_long_words=False, break_on_hyphens=False)
    return f"{head}\n\n{listed}\n"


def _table() -> Iterator[str]:
    yield "| code | name | severity | says |\n|---|---|---|---|"
    for page in pages().values():
        code = page.rule.code
        severity = " or ".join(sorted(page.severities))
        yield f"| [{code}](#{code.lower()}) | `{page.rule.name}` | {severity} | {page.title} |"
    yield ""


def _pages() -> Iterator[str]:
    for band, group in groupby(pages().values(), key=lambda page: page.band):
        yield f"## {band}\n"
        yield from (_page(page) for page in group)


def _page(page: Page) -> str:
    code = page.rule.code
    return f'<a id="{code.lower()}"></a>\n\n### {code} {page.rule.name}\n\n{as_markdown(page)}'
