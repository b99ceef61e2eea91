"""`validate --fix` and `--diff`: what is certain is written, or shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from agentconf.cli import console
from agentconf.cli.reporting import Asked, form_of
from agentconf.cli.status import FOUND, GOOD
from agentconf.source.tree import Tree
from agentconf.validation import Validation

Command = TypeVar("Command", bound=Callable[..., Any])
Check = Callable[[Tree], Validation]


def options(command: Command) -> Command:
    """The two options."""
    diff = click.option("--diff", is_flag=True, help="Print what --fix would change, and write nothing.")
    fix = click.option("--fix", is_flag=True, help="Mend what is certain in the files, then check again.")
    return fix(diff(command))


def mend(tree: Tree, check: Check, asked: Asked) -> tuple[Tree, Validation, Asked]:
    """Fixes a tree on its disk and says what was done: the tree and the findings that remain, for the report.

    Raises EditRefused and OSError where it cannot be written.
    """
    from agentconf.fix.rounds import fix
    from agentconf.fix.writing import write

    fixed = fix(tree, check)
    write(tree, fixed.tree)
    done = [one.as_json() for one in fixed.fixes]
    _tell(done, form_of(asked), asked.output)
    return fixed.tree, fixed.validation, replace(asked, fixed=done)


def _tell(done: list[dict[str, object]], form: str, output: Path | None) -> None:
    """Above a report for people, beside one for machines; JSON has it in itself."""
    lines = [f"{one['file']}:{one['line']}:{one['column']}: fixed {_code(one)}{one['message']}" for one in done]
    if form in {"text", "concise"} and output is None:
        console.write("".join(f"{line}\n" for line in lines))
    elif form != "json":
        for line in lines:
            console.note(line)


def _code(one: dict[str, object]) -> str:
    return f"{one['code']} " if one["code"] else ""


def show(tree: Tree, check: Check, asked: Asked) -> int:
    """Prints what fixes would change. The status says whether there is anything, whatever else is wrong.

    Raises click.UsageError where another form was asked for.
    """
    from agentconf.fix.rounds import fix
    from agentconf.report import diff

    if asked.form not in {None, "text"}:
        raise click.UsageError("--diff prints a unified diff, and takes no --format")
    after = fix(tree, check).tree.files
    changes = "".join(diff.render(tree.shown(path), data, after[path]) for path, data in tree.files.items())
    console.write(changes, asked.output)
    return FOUND if changes else GOOD
