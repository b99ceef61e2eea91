"""`agentconf usage`: what was used and spent, by the record of calls."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from agentconf import pipeline
from agentconf.cli import console, options
from agentconf.cli.agents import Agents
from agentconf.cli.moments import Moment
from agentconf.cli.status import GOOD
from agentconf.errors import SourceUnavailable
from agentconf.live.machine import chosen_folder
from agentconf.source.folder import read_folder
from agentconf.suggest import did_you_mean

if TYPE_CHECKING:
    from agentconf.cli.budgets import Budgeted
    from agentconf.runtime.usage.question import Key, Question
    from agentconf.runtime.usage.report import Report
    from agentconf.runtime.usage.store import UsageStore

_BY: Final[dict[str, tuple[Key, ...]]] = {
    "agent": ("agent",),
    "model": ("model",),
    "day": ("day",),
    "variant": ("agent", "variant"),
    "environment": ("environment",),
}
_BUDGET: Final = "budget"


@click.command("usage")
@options.path_argument
@click.option("--by", type=click.Choice((*_BY, _BUDGET)), default="agent", show_default=True, help="Count up by this.")
@click.option("--since", type=Moment(), metavar="WHEN", help="From then on: 2026-11-21, 2026-11-21T14:30, 7d, 24h.")
@click.option("--until", type=Moment(is_end=True), metavar="WHEN", help="Up to then; of a day, to its end.")
@options.within_option
@options.several_agents_option
@click.option("--own", "is_own", is_flag=True, help="The calls that callers' users paid themselves, instead.")
@options.format_option("text", "csv", "json")
def command(
    path: str | None, by: str, since: float | None, until: float | None, environments: tuple[str, ...],
    agents: tuple[str, ...], is_own: bool, form: str,
) -> int:
    """Say what was used and spent: calls, tokens, cost, latency, errors and fallbacks; and what is spent of budgets.

    It looks at the record that AgentClient writes: in the user's state folder, or where AGENTCONF_USAGE_URL says. With
    PATH, at the calls of that tree alone. CSV and JSON (an object a line) are by agent, environment and model, whatever
    else they are by: `agentconf diff --usage` reads them. Budgets are those of the tree at PATH, in the period that is
    under way.

    \b
    agentconf usage --since 7d --by model
    agentconf usage agents.d -e prod --since 2026-11-01 --until 2026-11-30
    agentconf usage -e prod --since 30d --format csv > usage.csv
    agentconf usage -e prod --by budget
    """  # fmt: skip
    from agentconf.cli.usage_rows import KEYS
    from agentconf.runtime.usage.question import Question
    from agentconf.runtime.usage.store import UsageStore

    if since is not None and until is not None and since >= until:
        raise click.UsageError("--since is later than --until: there is no time in between")
    asked = _BY.get(by, ())
    keys = asked if form == "text" else tuple(dict.fromkeys((*KEYS, *asked)))
    trees = () if path is None else _spellings(path)
    with closing(UsageStore()) as store:
        if by == _BUDGET:
            _write_budgets(_budgets(store, path, Question((), environments=environments, agents=agents)), form)
            return GOOD
        question = Question(keys, since, until, environments, agents, trees, is_own)
        report = store.report(question)
        budgets = _budgets(store, path, question) if by == "agent" and form == "text" and report and not is_own else []
        _write(report, question, form, budgets)
        _note(store.place, report, question)
        if report is not None and not report.rows:
            console.note(f"no such calls are recorded in {store.place}{_hint(store, path, question)}")
    return GOOD


def _write(report: Report | None, question: Question, form: str, budgets: list[Budgeted]) -> None:
    from agentconf.cli import usage_rows, usage_table

    if form == "csv":
        console.write(usage_rows.as_csv(report, question.by))
    elif form == "json":
        console.write(usage_rows.as_json_lines(report))
    else:
        text = usage_table.as_text(report, question.by) if report is not None and report.rows else ""
        console.write(text + usage_table.budgets_in_use_as_text(budgets))


def _write_budgets(budgets: list[Budgeted], form: str) -> None:
    from agentconf.cli import usage_rows, usage_table

    if form == "text":
        console.write(usage_table.budgets_as_text(budgets))
    else:
        console.write(usage_rows.budgets_as_csv(budgets) if form == "csv" else usage_rows.budgets_as_json(budgets))
    if not budgets:
        console.note("no agent has a budget here; see 'limits' in docs/format.md")


def _spellings(path: str) -> tuple[str, ...]:
    """The ways in which services may have named a tree."""
    return tuple(dict.fromkeys((path, os.path.normpath(path), os.path.abspath(path), os.path.realpath(path))))


def _note(place: str, report: Report | None, question: Question) -> None:
    """What an empty report, or one that leaves calls out, would not say by itself."""
    if report is None:
        console.note(f"there is no record of calls yet: {place} is begun by the first call of an AgentClient")
        return
    if report.own_calls:
        count = "1 call" if report.own_calls == 1 else f"{report.own_calls:,} calls"
        whose = "that the tree paid" if question.is_own else "that callers' users paid themselves, see --own,"
        console.note(f"{count} {whose} {'is' if report.own_calls == 1 else 'are'} not counted here")


def _hint(store: UsageStore, path: str | None, question: Question) -> str:
    """Which name was asked for of which there is no record at all, and what may have been meant."""
    from agentconf.runtime.usage.question import Question

    asked: tuple[tuple[Key, tuple[str, ...]], ...] = (
        ("agent", question.agents),
        ("environment", question.environments),
    )
    for key, names in asked:
        found = store.report(Question((key,), is_own=question.is_own)) if names else None
        known = {row.key[key] or "" for row in found.rows} if found is not None else set()
        for name in names:
            if name not in known:
                meant = did_you_mean(name, known)
                return f", and none at all of the {key} '{name}'" + (f"; {meant}" if meant else "")
    return f"; there is no folder '{path}'" if path is not None and not os.path.isdir(path) else ""


def _budgets(store: UsageStore, path: str | None, question: Question) -> list[Budgeted]:
    """Of the tree at hand; nothing where there is none."""
    from agentconf.cli.budgets import counted, recorded, standing
    from agentconf.runtime.state import tree_name

    folder = chosen_folder(path)
    try:
        with pipeline.bulk():
            draft = pipeline.draft(read_folder(folder))
    except SourceUnavailable:
        return []
    known = {None, *draft.config.known_environments}
    asked = [name for name in question.environments or draft.config.checked_environments if name in known]
    agents = [one for name in asked for one in Agents(draft, name).resolved.values()]
    chosen = [one for one in agents if not question.agents or one.id in question.agents]
    ledger = counted(recorded(store, _spellings(folder)), tree_name(folder))
    return standing(chosen, ledger, datetime.now(UTC))
