"""`agentconf secret check`: whether every reference of a tree has a value on this machine."""

from __future__ import annotations

import json

import click

from agentconf import pipeline
from agentconf.cli import console, options
from agentconf.cli.status import FOUND, GOOD
from agentconf.live.load import settings_of
from agentconf.live.machine import chosen_folder
from agentconf.redact import printable
from agentconf.secrets.allowed import allowed_by
from agentconf.secrets.reveal import Ground
from agentconf.secrets.survey import Checked, Survey
from agentconf.source.folder import read_folder

_COLUMNS = ("environment", "reference", "where", "outcome")


@click.command("check")
@options.path_argument
@options.environments_option
@options.format_option("text", "json")
def command(path: str | None, environments: tuple[str, ...], form: str) -> int:
    """Say whether each reference of the tree has a value on this machine, in each environment. No value is shown.

    \b
    agentconf secret check
    agentconf secret check -e prod --format json
    """
    root = chosen_folder(path)
    with pipeline.bulk():
        draft = pipeline.draft(read_folder(root))
        survey = Survey(Ground(allowed_by(settings_of(draft)), root))
        refused: set[str] = set()
        for environment in dict.fromkeys(environments) or draft.config.checked_environments:
            refused |= pipeline.judge(draft, environment, survey.look).refused
    checked = survey.checked
    if form == "json":
        console.write(json.dumps([one.as_json() for one in checked], indent=2, ensure_ascii=False) + "\n")
    else:
        console.write(_table(checked))
    if refused:
        said = "1 agent has errors and was" if len(refused) == 1 else f"{len(refused)} agents have errors and were"
        console.note(f"{said} not looked at; see 'agentconf validate'")
    return FOUND if refused or any(one.reason for one in checked) else GOOD


def _table(checked: list[Checked]) -> str:
    if not checked:
        return "no references\n"
    rows = [_COLUMNS, *(_row(one) for one in checked)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([console.style(lines[0], bold=True), *lines[1:], ""])


def _row(one: Checked) -> tuple[str, str, str, str]:
    where = f"{one.file}:{one.span.line}"
    return one.environment or "-", printable(str(one.reference)), printable(where), one.reason or "ok"
