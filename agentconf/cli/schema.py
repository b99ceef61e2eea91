"""`agentconf schema`: the published JSON Schemas, as they are or with the names of a tree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from agentconf.cli import console, options
from agentconf.cli.status import FOUND, GOOD
from agentconf.source.publish import publish_file

_NAMES = ("agent", "defaults", "profile", "environment", "settings", "models", "diff")
_PRINTED = "diff.schema.json"
"""What a command prints is no file of a tree: its schema is written and checked where it lies already."""


@click.command("schema")
@click.argument("name", required=False, type=click.Choice(_NAMES))
@click.option(
    "--write", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write every schema there."
)
@click.option(
    "--check",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Fail where a schema there is missing or stale.",
)
@click.option(
    "--path",
    metavar="PATH",
    help="A config tree, whose profiles, environments, providers, models and agents the schemas are to list.",
)
@options.format_option("text", "json")
def command(name: str | None, write: Path | None, check: Path | None, path: str | None, form: str) -> int:
    """Print the JSON Schema of a kind of file (NAME), or write or check all of them.

    With --path they list the names of that tree, and editors complete them. Names that were written
    once are not stale to --check, unless --path asks for that, too. The schema of what `diff --format json`
    prints is no file's: it is written and checked where it lies already.

    \b
    agentconf schema agent
    agentconf schema --write schema --path agents.d
    agentconf schema --check schema
    """
    if sum(option is not None for option in (name, write, check)) > 1:
        raise click.UsageError("give one of NAME, --write and --check")
    if check is not None:
        return _check(check, path, form)
    if name == "diff":
        console.write(_diff_text())
        return GOOD
    schemas = made_for(path)
    if write is not None:
        return _write(write, schemas, form)
    if name is not None:
        console.write(json.dumps(schemas[name], indent=2, ensure_ascii=False) + "\n")
    elif form == "json":
        console.write(json.dumps(schemas, indent=2, ensure_ascii=False) + "\n")
    else:
        titles = {kind: schema["title"] for kind, schema in schemas.items()}
        titles["diff"] = "What `diff --format json` prints"
        console.write("".join(f"{kind.ljust(12)} {title}\n" for kind, title in titles.items()))
    return GOOD


def made_for(path: str | None) -> dict[str, dict[str, Any]]:
    """The schemas with the names of the tree at a path; as they are published where there is none."""
    from agentconf.config.schemas import published

    if path is None:
        return published()
    from agentconf.config.tree_schemas import names_of, with_names
    from agentconf.pipeline import bulk, draft
    from agentconf.source.folder import read_folder

    with bulk():
        return with_names(published(), names_of(draft(read_folder(path)).config))


def _made_as(folder: Path) -> dict[str, dict[str, Any]]:
    """The schemas with the names that those in a folder list."""
    from agentconf.config.schemas import file_name, published
    from agentconf.config.tree_schemas import Names, listed_names, with_names

    try:
        names = listed_names(json.loads(_content(folder / file_name("agent")) or "{}"))
    except (ValueError, TypeError, AttributeError, KeyError):
        names = Names()
    return with_names(published(), names)


def _texts(schemas: dict[str, dict[str, Any]]) -> dict[str, str]:
    from agentconf.config.schemas import file_name, rendered

    return {file_name(kind): rendered(schema) for kind, schema in schemas.items()}


def _write(folder: Path, schemas: dict[str, dict[str, Any]], form: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    texts = _texts(schemas) | _printed(folder)
    for file, text in texts.items():
        publish_file(folder / file, text)
    written = [str(folder / file) for file in texts]
    console.write(
        json.dumps({"written": written}) + "\n" if form == "json" else "".join(f"wrote {file}\n" for file in written)
    )
    return GOOD


def _check(folder: Path, path: str | None, form: str) -> int:
    texts = _texts(_made_as(folder) if path is None else made_for(path)) | _printed(folder)
    stale = [str(folder / file) for file, text in texts.items() if _content(folder / file) != text]
    if form == "json":
        console.write(json.dumps({"ok": not stale, "stale": stale}) + "\n")
    elif stale:
        console.write("".join(f"{file} is missing or stale\n" for file in stale))
        console.note(f"write them anew: agentconf schema --write {folder}{f' --path {path}' if path else ''}")
    else:
        console.write(f"{folder}: {len(texts)} schemas, all current\n")
    return FOUND if stale else GOOD


def _printed(folder: Path) -> dict[str, str]:
    return {_PRINTED: _diff_text()} if (folder / _PRINTED).exists() else {}


def _diff_text() -> str:
    from agentconf.config.schemas import rendered
    from agentconf.report.review.schema import diff_schema

    return rendered(diff_schema())


def _content(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
