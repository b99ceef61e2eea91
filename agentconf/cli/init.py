"""`agentconf init`: a new config repository."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import click

from agentconf import __version__
from agentconf.cli import console, options
from agentconf.cli.address import ADDRESS
from agentconf.cli.status import GOOD
from agentconf.config.schemas import file_name, published, rendered
from agentconf.config.tree_schemas import names_of, with_names
from agentconf.live.installed import installed_litellm
from agentconf.pipeline import draft
from agentconf.source.publish import create_file
from agentconf.source.tree import tree_of

_REVISION: Final = f"v{__version__}".encode()
_TEMPLATES: Final = Path(__file__).with_name("templates") / "repository"
_RENAMED: Final = {
    "vscode": ".vscode",
    "github": ".github",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
}
"""Dot files go without their dot in the package, where tools pass over hidden ones."""

_INSTALLING: Final = (".github/workflows/agents.yml", ".pre-commit-config.yaml")
"""What says where agentconf is installed from."""


@click.command("init")
@click.argument(
    "directory", required=False, default=".", type=click.Path(path_type=Path, file_okay=False), metavar="[DIR]"
)
@options.format_option("text", "json")
def command(directory: Path, form: str) -> int:
    """Write a new config repository in DIR: example agents, schemas, editor settings, checks in CI and before commits.

    Nothing is overwritten: a README or editor settings that are there already stay as they are.

    \b
    agentconf init agents && cd agents && agentconf validate
    """
    for folder in ("agents.d", "schema"):
        if os.path.lexists(directory / folder):  # a link counts, even one that leads nowhere
            raise click.ClickException(
                f"{directory / folder} exists already, and nothing is overwritten; name another folder"
            )
    files = {path: data for path, data in _files().items() if not os.path.lexists(directory / path)}
    for path in files:
        _require_inside(directory, path)
    for path, data in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        create_file(target, data)
    console.write(_said(directory, list(files), form))
    return GOOD


def _require_inside(directory: Path, path: str) -> None:
    """Raises click.ClickException where a folder on the way is a link or a file; called before anything is written."""
    for folder in Path(path).parents[:-1]:
        there = directory / folder
        if there.is_symlink() or (there.exists() and not there.is_dir()):
            raise click.ClickException(f"{there} is not a folder of {directory}; remove it, or name another folder")


def _files() -> dict[str, bytes]:
    """Every file of the new repository, by its path. The schemas list the names of its tree."""
    files = {_target(path): path.read_bytes() for path in sorted(_TEMPLATES.rglob("*")) if path.is_file()}
    for path in _INSTALLING:
        files[path] = files[path].replace(b"{address}", ADDRESS.encode()).replace(b"{revision}", _REVISION)
    inside = "agents.d/"
    tree = tree_of({path.removeprefix(inside): data for path, data in files.items() if path.startswith(inside)})
    schemas = with_names(published(), names_of(draft(tree).config))
    return files | {f"schema/{file_name(kind)}": rendered(schema).encode() for kind, schema in schemas.items()}


def _target(path: Path) -> str:
    first, *rest = path.relative_to(_TEMPLATES).parts
    return "/".join([_RENAMED.get(first, first), *rest])


def _said(directory: Path, paths: list[str], form: str) -> str:
    written = [str(directory / path) for path in paths]
    if form == "json":
        return json.dumps({"written": written}) + "\n"
    told = " and ".join(path for path in _INSTALLING if path in paths)
    address = f"\n{told} install agentconf from {ADDRESS}; put your own copy's address there\n" if told else ""
    go = "" if str(directory) == "." else f"cd {directory} && "
    wrote = "".join(f"wrote {path}\n" for path in written)
    return f"{wrote}{address}\nnext: {go}agentconf validate\n{_about_models()}"


def _about_models() -> str:
    """A new tree has no lock."""
    if installed_litellm() is not None:
        return "then: agentconf models lock, and commit what it writes: CI and everyone else know the same of models\n"
    return "then: install litellm and run agentconf models lock: without either, nothing is known of models\n"
