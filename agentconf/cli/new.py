"""`agentconf new`: a new agent's file."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import click

from agentconf import pipeline
from agentconf.cli import console, options
from agentconf.cli.status import GOOD
from agentconf.config.shape import schema
from agentconf.document.dump import dump
from agentconf.live.machine import chosen_folder
from agentconf.source import layout
from agentconf.source.folder import read_folder
from agentconf.source.publish import create_file


@click.command("new")
@click.argument("agent")
@options.path_option
@click.option("--model", metavar="PROVIDER/MODEL", help="The model; default: what the tree's defaults say.")
@click.option("--owner", metavar="WHO", help="The team or person who answers for it.")
@click.option("--description", metavar="TEXT", help="What the agent is for.")
@options.format_option("text", "json")
def command(
    agent: str, path: str | None, model: str | None, owner: str | None, description: str | None, form: str
) -> int:
    """Write the file of a new AGENT, such as translator or trading/analyst.

    \b
    agentconf new translator
    agentconf new trading/analyst --model openai/gpt-4.1 --owner trading@example.com
    """
    tree = chosen_folder(path)
    folder, _, name = agent.removesuffix(".yaml").rpartition("/")
    said = {"model": model, "owner": owner, "description": description}
    _require_sayable(said)
    _require_folder(tree, folder)
    _require_free(tree, name)
    target = Path(tree, folder, f"{name}.yaml")
    text = _text(target, Path(tree), said)
    target.parent.mkdir(parents=True, exist_ok=True)
    create_file(target, text)  # whole at once: a service may be watching the tree
    if form == "json":
        console.write(json.dumps({"id": name, "file": str(target)}) + "\n")
    else:
        console.write(f"wrote {target}\n\nnext: agentconf validate {tree}\n")
    return GOOD


def _require_sayable(said: dict[str, str | None]) -> None:
    """Raises click.ClickException where an option cannot stand in the file."""
    for option, text in said.items():
        if text is not None and not text.isprintable():
            raise click.ClickException(f"--{option} takes one line of readable text")
    model = schema("agent")["$defs"]["llm"]["properties"]["model"]
    if said["model"] is not None and (
        not re.match(model["pattern"], said["model"]) or len(said["model"]) > model["maxLength"]
    ):
        raise click.ClickException("--model takes provider/model, such as openai/gpt-4.1-mini")


def _require_folder(tree: str, folder: str) -> None:
    """Raises click.ClickException where nothing would read an agent in a folder, or it lies outside the tree."""
    parts = folder.split("/") if folder else []
    root = os.path.realpath(tree)
    real = os.path.realpath(os.path.join(root, folder))
    if any(_is_unread(part) for part in parts) or os.path.commonpath([root, real]) != root:
        raise click.ClickException(f"agents cannot lie in '{folder}'; name a plain folder inside the tree")


def _is_unread(folder: str) -> bool:
    return (
        not folder.isprintable() or layout.is_passed_over(folder) or folder[0] == "_" or layout.stem(folder) is not None
    )


def _require_free(tree: str, name: str) -> None:
    """Raises click.ClickException where the id cannot be given, or is."""
    if not layout.ID.fullmatch(name) or name == layout.RESERVED_ID or layout.stem(name) is not None:
        better = layout.suggested_id(layout.stem(name) or name)
        hint = f"use {better}" if better else "use lower-case letters, digits, '.', '_' and '-'"
        raise click.ClickException(f"'{name}' cannot be an agent's id; {hint}")
    agents = pipeline.draft(read_folder(tree)).config.agents
    if name in agents:
        raise click.ClickException(f"there is an agent '{name}' already: {agents[name].document.file}")


def _text(target: Path, tree: Path, said: dict[str, str | None]) -> str:
    up = os.path.relpath(tree.parent / "schema", target.parent).replace(os.sep, "/")
    model = said["model"]
    name = target.stem.replace("-", " ").replace("_", " ").capitalize()
    lines = [
        f"# yaml-language-server: $schema={up}/agent.schema.json",
        "",
        _line("name", name),
        _line("description", said["description"] or f"What {name} is for."),
        _line("owner", said["owner"] or "team@example.com"),
        "",
        "# The system prompt; or `instructions_file: FILE.md` for one in a file beside this.",
        "instructions: |",
        "  You are a helpful assistant.",
        "",
        *_llm(model),
    ]
    return "\n".join(lines) + "\n"


def _llm(model: str | None) -> list[str]:
    if model:
        return [
            "llm:",
            f"  {_line('model', model)}",
            "  # What is not said here is inherited: see `agentconf explain`.",
        ]
    return ["# The model, where it is not the one of _defaults.yaml:", "# llm:", "#   model: provider/model"]


def _line(key: str, value: Any) -> str:
    return dump({key: value}).strip()
