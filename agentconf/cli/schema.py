"""`agentconf schema`: the published JSON Schemas."""

from __future__ import annotations

import json
from pathlib import Path

import click

from agentconf.cli import console, options
from agentconf.cli.status import FOUND, GOOD
from agentconf.source.publish import publish_file

_NAMES = ("agent", "defaults", "profile", "environment", "settings", "models")


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
@options.format_option("text", "json")
def command(name: str | None, write: Path | None, check: Path | None, form: str) -> int:
    """Print the JSON Schema of a kind of file (NAME), or write or check all of them.

    \b
    agentconf schema agent
    agentconf schema --write schema
    agentconf schema --check schema
    """
    from agentconf.config.schemas import file_name, published, rendered

    schemas = published()
    texts = {file_name(kind): rendered(schema) for kind, schema in schemas.items()}
    if sum(option is not None for option in (name, write, check)) > 1:
        raise click.UsageError("give one of NAME, --write and --check")
    if write is not None:
        return _write(write, texts, form)
    if check is not None:
        return _check(check, texts, form)
    if name is not None:
        console.write(texts[file_name(name)])
    elif form == "json":
        console.write(json.dumps(schemas, indent=2, ensure_ascii=False) + "\n")
    else:
        console.write("".join(f"{kind.ljust(12)} {schemas[kind]['title']}\n" for kind in schemas))
    return GOOD


def _write(folder: Path, texts: dict[str, str], form: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        publish_file(folder / file, text)
    written = [str(folder / file) for file in texts]
    console.write(
        json.dumps({"written": written}) + "\n" if form == "json" else "".join(f"wrote {file}\n" for file in written)
    )
    return GOOD


def _check(folder: Path, texts: dict[str, str], form: str) -> int:
    stale = [str(folder / file) for file, text in texts.items() if _content(folder / file) != text]
    if form == "json":
        console.write(json.dumps({"ok": not stale, "stale": stale}) + "\n")
    elif stale:
        console.write("".join(f"{file} is missing or stale\n" for file in stale))
        console.note(f"write them anew: agentconf schema --write {folder}")
    else:
        console.write(f"{folder}: {len(texts)} schemas, all current\n")
    return FOUND if stale else GOOD


def _content(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
