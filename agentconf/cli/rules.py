"""`agentconf rules`: the manual of what can be found."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from agentconf.cli import console, options
from agentconf.cli.status import GOOD

if TYPE_CHECKING:
    from agentconf.rules.manual import Page

_WIDEST = 100


@click.command("rules")
@options.rule_argument
@options.path_option
@options.format_option("text", "json")
def command(rule: str | None, path: str | None, form: str) -> int:
    """Say what can be found, and of one RULE (a code or a name) why it matters and what to do.

    Where there is a tree, the table has the severities that its settings say.

    \b
    agentconf rules
    agentconf rules AC301
    agentconf rules unknown-model --format json
    """
    from agentconf.rules.manual import pages

    severities = _severities(path)
    if rule is not None:
        page = _page(rule)
        console.write(_json(_as_json(page, severities)) if form == "json" else _shown(page, severities))
    elif form == "json":
        console.write(_json([_as_json(page, severities) for page in pages().values()]))
    else:
        console.write(_table(list(pages().values()), severities))
    return GOOD


def _page(word: str) -> Page:
    from agentconf.rules.manual import page, pages
    from agentconf.suggest import did_you_mean

    found = page(word)
    if found is None:
        names = {name for one in pages().values() for name in (one.rule.code, one.rule.name)}
        hint = did_you_mean(word, names) or "see 'agentconf rules'"
        raise click.ClickException(f"there is no rule '{word[:64]}'; {hint}")
    return found


def _severities(path: str | None) -> dict[str, str]:
    """What the settings of the tree say, by the names of rules. The manual can be read without a tree, too.

    Raises SourceUnavailable where one was named and cannot be read.
    """
    from agentconf import pipeline
    from agentconf.errors import SourceUnavailable
    from agentconf.live.machine import chosen_folder
    from agentconf.rules.leniency import severities_of
    from agentconf.source import layout
    from agentconf.source.folder import read_folder

    folder = chosen_folder(path)
    if path is None and not os.path.isdir(folder):
        return {}
    with suppress(SourceUnavailable) if path is None else nullcontext():
        tree = read_folder(folder)
        places = {file: layout.place(file) for file in tree.files}
        settings = [
            file
            for file, place in places.items()
            if isinstance(place, layout.Place) and place.kind is layout.Kind.SETTINGS
        ]
        said = severities_of(pipeline.draft(tree, settings).config)
        return {name: severity or "off" for name, severity in said.items()}
    return {}


def _set_to(page: Page, severities: Mapping[str, str]) -> str | None:
    return severities.get(page.rule.name) if page.rule.can_be_set else None


def _as_json(page: Page, severities: Mapping[str, str]) -> dict[str, Any]:
    return {**page.as_json(), "set_to": _set_to(page, severities)}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _shown(page: Page, severities: Mapping[str, str]) -> str:
    from agentconf.report.page import as_text

    width = min(shutil.get_terminal_size().columns, _WIDEST)
    said = _set_to(page, severities)
    return as_text(page, width, console.style) + (f"\n  The settings of this tree say: {said}\n" if said else "")


def _table(every: list[Page], severities: Mapping[str, str]) -> str:
    """A row each, below the heading of its band; a severity that the settings say is marked."""
    width = max(len(page.rule.name) for page in every)
    lines: list[str] = []
    for band, pages in groupby(every, key=lambda page: page.band):
        lines += ["", console.style(band, bold=True)] if lines else [console.style(band, bold=True)]
        for page in pages:
            said = _set_to(page, severities)
            severity = f"{said}*" if said else page.rule.severity
            lines.append(f"{page.rule.code}  {page.rule.name.ljust(width)}  {severity.ljust(8)}  {page.title}")
    if any(_set_to(page, severities) for page in every):
        lines += ["", "* as the settings of this tree say"]
    return "\n".join([*lines, ""])
