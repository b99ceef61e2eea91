"""How `validate` reports: in which form, with which names of files, and where to."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from agentconf import __version__
from agentconf.cli import console
from agentconf.diagnostic import Rule
from agentconf.redact import printable
from agentconf.report.manual import Help, Remedy
from agentconf.report.rooted import from_root, rooted
from agentconf.source.tree import Tree
from agentconf.validation import Validation

FORMS: Final = ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")
_FOR_SERVICES: Final = ("github", "gitlab", "sarif", "junit", "markdown")
_ROOTS: Final = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub Actions and GitLab say that the repository lies."""

form_option = click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(FORMS),
    help="The form of the report; default: text, on standard output of GitHub Actions github.",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options ask for."""

    form: str | None = None
    output: Path | None = None
    is_strict: bool = False
    fixed: list[dict[str, object]] | None = None
    """What --fix has done, where that was asked for."""


def form_of(asked: Asked) -> str:
    """The form of the report, chosen or not."""
    return asked.form or ("github" if asked.output is None and _in_github_actions() else "text")


def report(outcome: Validation, tree: Tree, asked: Asked) -> None:
    """Prints or writes the report; where it is written, standard error has the summary."""
    console.write(_rendered(outcome, tree, replace(asked, form=form_of(asked))), asked.output)
    if asked.output is not None:
        from agentconf.report import text

        console.note(text.summary(outcome))


def _in_github_actions() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


def _rendered(outcome: Validation, tree: Tree, asked: Asked) -> str:
    if asked.form == "json":
        from agentconf.report import json

        return json.render(outcome, asked.fixed)
    if asked.form == "concise":
        from agentconf.report import concise

        return concise.render(outcome)
    outcome = replace(outcome, path=printable(outcome.path))
    if asked.form in _FOR_SERVICES:
        return _for_a_service(outcome, tree, asked)
    from agentconf.report import text

    if asked.output is not None or not console.is_terminal():
        return text.render(outcome) + text.fixable(outcome)
    files = {printable(tree.shown(path)): data for path, data in tree.files.items()}
    return text.render(outcome, files, console.style) + text.fixable(outcome)


def _for_a_service(outcome: Validation, tree: Tree, asked: Asked) -> str:
    renamed = _renamed()
    remedies = _remedies(outcome, tree) if asked.form == "sarif" else []
    outcome = rooted(outcome, renamed)
    if asked.form == "sarif":
        from agentconf.report import sarif

        return sarif.render(outcome, __version__, help_of, remedies)
    if asked.form == "junit":
        from agentconf.report import junit

        files = (renamed(printable(tree.shown(path))) for path in tree.files)
        return junit.render(outcome, files, asked.is_strict)
    from agentconf.report import github, gitlab, markdown

    renders: dict[str | None, Callable[[Validation], str]] = {
        "github": github.render,
        "gitlab": gitlab.render,
        "markdown": markdown.render,
    }
    return renders[asked.form](outcome)


def _remedies(outcome: Validation, tree: Tree) -> list[Remedy | None]:
    """What --fix would write for each finding."""
    if not any(finding.fixable for finding in outcome.diagnostics):
        return [None] * len(outcome.diagnostics)
    from agentconf.fix.proposal import fixes

    found = {fix.finding: Remedy(fix.said, fix.edit.span, fix.edit.text) for fix in fixes(tree, outcome.diagnostics)}
    return [found.get(finding) for finding in outcome.diagnostics]


def _renamed() -> Callable[[str], str]:
    root = next((os.environ[name] for name in _ROOTS if os.environ.get(name)), None)
    return from_root(os.getcwd(), os.path.realpath(root)) if root else str


def help_of(rule: Rule) -> Help:
    """What the manual says about a rule; its name alone, where the manual has no page."""
    from agentconf.report.page import as_markdown, as_text
    from agentconf.rules.manual import page

    found = page(rule.code)
    if found is None:
        name = f"{rule.code} {rule.name}"
        return Help(name, name, name, name, rule.severity)
    return Help(found.title, found.what, as_text(found), as_markdown(found), found.rule.severity)
