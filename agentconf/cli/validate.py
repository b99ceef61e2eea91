"""`agentconf validate`: the whole tree, in every environment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from agentconf.cli import console, fix_option, options, reporting
from agentconf.cli.status import FOUND, GOOD
from agentconf.live.machine import chosen_folder
from agentconf.live.outlook import outlook_of_today, said_of_today
from agentconf.pipeline import bulk
from agentconf.source.folder import read_folder
from agentconf.source.tree import Tree
from agentconf.spread import each_forked, processors
from agentconf.validation import Order, Validation, validate

_FILES_A_PART = 200
"""Forking costs some milliseconds, as much as checking a few dozen files."""


@click.command("validate")
@options.path_argument
@options.environments_option
@reporting.form_option
@options.output_option
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@options.select_option
@options.ignore_option
@click.option("--no-cache", is_flag=True, help="Neither use nor keep the outcome of earlier runs.")
@fix_option.options
def command(
    path: str | None,
    environments: tuple[str, ...],
    form: str | None,
    output: Path | None,
    strict: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    no_cache: bool,
    fix: bool,
    diff: bool,
) -> int:
    """Check the whole tree: every file, every agent, in every environment.

    \b
    agentconf validate
    agentconf validate agents.d -e prod --strict
    agentconf validate --format sarif --output findings.sarif
    agentconf validate --select AC3,unowned-agent
    agentconf validate --fix
    """
    choice = options.choice(select, ignore)
    asked = reporting.Asked(form, output, strict)
    environments = tuple(dict.fromkeys(environments))

    def check(tree: Tree) -> Validation:
        outcome = _uncached(tree, environments) if no_cache else _cached(tree, environments)
        return replace(outcome, diagnostics=choice.of_findings(outcome.diagnostics))

    with bulk():
        tree = read_folder(chosen_folder(path))
        if diff:
            return fix_option.show(tree, check, asked)
        if fix:
            tree, outcome, asked = fix_option.mend(tree, check, asked)
        else:
            outcome = check(tree)
        reporting.report(outcome, tree, asked)
    return FOUND if outcome.errors or (strict and outcome.warnings) else GOOD


def _cached(tree: Tree, environments: tuple[str, ...]) -> Validation:
    from agentconf.cache import outcomes

    key = outcomes.key_of(tree, environments, said_of_today())
    found = outcomes.find(key, tree) if key else None
    if found is None:
        found = _uncached(tree, environments)
        if key:
            outcomes.keep(key, tree, found)
    return found


def _uncached(tree: Tree, environments: tuple[str, ...]) -> Validation:
    parts = min(processors(), len(tree.files) // _FILES_A_PART)
    with console.progress(len(tree.files) // max(parts, 1), "checking") as progress:
        spread = each_forked if parts > 1 else None
        return validate(tree, Order(environments, parts, spread, progress, outlook_of_today()))
