"""`agentconf diff`: what changes for each resolved agent, and what that means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentconf.cli import console, options
from agentconf.cli.recorded import recorded
from agentconf.cli.status import FOUND, GOOD
from agentconf.errors import GitUnavailable, NotInCommit
from agentconf.live.machine import chosen_folder
from agentconf.live.outlook import outlook_of_today
from agentconf.pipeline import bulk
from agentconf.source.folder import read_folder
from agentconf.source.tree import Tree, tree_of
from agentconf.spread import each_forked, processors

if TYPE_CHECKING:
    from agentconf.diff.review import Review
    from agentconf.source.git.commit_tree import CommitTrees
    from agentconf.source.git.repository import Repository
    from agentconf.source.git.sides import Sides

_RISKS = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class _Trees:
    """Both sides, and what the user calls them."""

    base: Tree
    head: Tree
    names: tuple[str, str]


@click.command("diff")
@click.argument("sides", nargs=-1, metavar="[BASE[...HEAD] | PATH PATH]")
@options.path_option
@options.environments_option
@options.format_option("text", "markdown", "json")
@options.output_option
@click.option("--exit-code", is_flag=True, help="End with status 1 where anything differs.")
@click.option(
    "--fail-on", type=click.Choice(_RISKS), metavar="RISK", help="End with status 1 at this risk: high, medium or low."
)
@click.option(
    "--usage",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Recorded usage, CSV or JSON lines: what would the change have cost?",
)
@click.option(
    "--settings-from",
    type=click.Choice(["base", "head"], case_sensitive=False),
    default="head",
    show_default=True,
    help="Whose rules, policies and excuses judge the head; with base, a change cannot grade itself.",
)
def command(
    sides: tuple[str, ...],
    path: str | None,
    environments: tuple[str, ...],
    form: str,
    output: Path | None,
    exit_code: bool,
    fail_on: str | None,
    usage: Path | None,
    settings_from: str,
) -> int:
    """Say what a change does to each resolved agent: from BASE to the working tree, or from BASE to HEAD.

    Without BASE, from where HEAD parts from the default branch. `A..B` and `A...B` are as in git; two folders can be
    compared too. Nothing is checked out, fetched or run.

    \b
    agentconf diff
    agentconf diff main...HEAD --format markdown
    agentconf diff v1.2 -e prod --fail-on high
    agentconf diff old/agents.d new/agents.d
    """
    from agentconf.diff.work import Order, review

    records = recorded(usage)
    with bulk(), _trees(sides, path) as trees:
        order = Order(
            outlook_of_today(),
            tuple(dict.fromkeys(environments)),
            records,
            settings_from.lower() == "base",
            processors(),
            each_forked,
        )
        found = review(trees.base, trees.head, trees.names, order)
    console.write(_rendered(found, form, output), output)
    return FOUND if (exit_code and found.is_different) or _is_as_grave(found, fail_on) else GOOD


def _is_as_grave(found: Review, risk: str | None) -> bool:
    """Whether the gravest change reaches a risk; a head that cannot be read is as grave as can be."""
    if risk is None:
        return False
    if found.head_diagnostics:
        return True
    return found.risk in _RISKS[: _RISKS.index(risk) + 1]


def _rendered(found: Review, form: str, output: Path | None) -> str:
    if form == "json":
        from agentconf.report.review import json

        return json.render(found)
    if form == "markdown":
        from agentconf.report.review import markdown

        return markdown.render(found)
    from agentconf.report.review import text

    return text.render(found, console.style if output is None else None)


@contextmanager
def _trees(sides: tuple[str, ...], path: str | None) -> Iterator[_Trees]:
    if len(sides) > 2:
        raise click.UsageError("give one range, as BASE...HEAD, or two folders")
    if len(sides) == 2:
        _require_folders(sides)
        yield _Trees(read_folder(sides[0]), read_folder(sides[1]), (sides[0], sides[1]))
        return
    with _from_git(sides[0] if sides else None, chosen_folder(path)) as trees:
        yield trees


def _require_folders(sides: tuple[str, ...]) -> None:
    for side in sides:
        if os.path.isfile(side):
            raise click.UsageError(f"'{side}' is a file; name the folder that holds the agents")
        if not os.path.isdir(side):
            hint = f"; for two commits write {sides[0]}..{sides[1]}" if not any(map(os.path.isdir, sides)) else ""
            raise click.UsageError(f"there is no folder '{side}'{hint}")


@contextmanager
def _from_git(text: str | None, folder: str) -> Iterator[_Trees]:
    """Trees from git's objects; the working tree is read from its files."""
    from agentconf.source.git.commit_tree import CommitTrees
    from agentconf.source.git.objects import Objects
    from agentconf.source.git.refusals import NO_REPOSITORY
    from agentconf.source.git.repository import locate

    try:
        located = locate(folder, os.environ)
    except GitUnavailable as error:
        way_out = ", or name two folders instead" if str(error) == NO_REPOSITORY else ""
        raise GitUnavailable(f"{error}{way_out}") from None
    sides = _sides(located.repository, text)
    with Objects(located.repository) as objects:
        trees = CommitTrees(objects, located)
        base = _tree_at(trees, sides.base)
        head = read_folder(folder) if sides.head is None else _tree_at(trees, sides.head)
        if isinstance(base, NotInCommit) and isinstance(head, NotInCommit):
            raise base
        both = [_or_nothing(side, located.shown_as) for side in (base, head)]
        yield _Trees(both[0], both[1], _names(text, sides.base, sides.head))


def _sides(repository: Repository, text: str | None) -> Sides:
    from agentconf.source.git.sides import sides_of

    try:
        sides = sides_of(repository, text)
    except GitUnavailable:
        if text and os.path.isdir(text):
            said = f"'{text}' is a folder, and no commit; name two folders, or a commit and the folder by --path"
            raise click.UsageError(said) from None
        raise
    if text is None:
        console.note(f"compared with {sides.base[:12]}, where HEAD parts from the default branch")
    return sides


def _tree_at(trees: CommitTrees, commit: str) -> Tree | NotInCommit:
    try:
        return trees.at(commit).tree
    except NotInCommit as error:
        return error


def _or_nothing(side: Tree | NotInCommit, shown_as: str) -> Tree:
    """A tree that is not there yet, or no longer, has no agents: all of the other side's are new, or gone."""
    if isinstance(side, NotInCommit):
        console.note(f"{side}: the other side is compared with nothing")
        return tree_of({}, shown_as)
    return side


def _names(text: str | None, base: str, head: str | None) -> tuple[str, str]:
    """As the user wrote them, with the commit."""
    mark = "..." if text and "..." in text else ".."
    said = text.split(mark, 1) if text and mark in text else [text or "", ""]
    one = f"{said[0]} ({base[:12]})" if said[0] else base[:12]
    if head is None:
        return one, "the working tree"
    return one, f"{said[1]} ({head[:12]})" if said[1] else head[:12]
