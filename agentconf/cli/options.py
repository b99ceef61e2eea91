"""Arguments and options that commands share, and what completes them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from agentconf.live.machine import chosen_folder
from agentconf.source import layout

if TYPE_CHECKING:
    from agentconf.rules.choice import Choice

Command = TypeVar("Command", bound=Callable[..., Any])


def _named(kind: layout.Kind, folder: str, incomplete: str) -> list[CompletionItem]:
    """Names by the files of the tree; completing reads no file."""
    names = set()
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not layout.is_passed_over(name)]
        below = os.path.relpath(parent, folder)
        for name in files:
            place = layout.place(name if below == "." else f"{below}/{name}")
            if isinstance(place, layout.Place) and place.kind is kind and _can_be_meant(name, place):
                names.add(place.name)
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def _can_be_meant(file: str, place: layout.Place) -> bool:
    """Whether a file is read and its name is well formed: others may not even be text."""
    from agentconf.config.belongs import is_entry_name

    is_agent = place.kind is layout.Kind.AGENT
    is_name = layout.ID.fullmatch(place.name) if is_agent else is_entry_name(place.name)
    return bool(is_name) and not layout.is_passed_over(file)


def _folder(ctx: click.Context) -> str:
    """The tree on an unfinished line. Where that ends in `-e`, click has not given PATH its value yet."""
    path = ctx.params.get("path")
    takes_path = any(isinstance(one, click.Argument) and one.name == "path" for one in ctx.command.params)
    if path is None and takes_path and ctx.args:
        path = ctx.args[0]
    return chosen_folder(path)


def _agents(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _named(layout.Kind.AGENT, _folder(ctx), incomplete)


def _environments(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _named(layout.Kind.ENVIRONMENT, _folder(ctx), incomplete)


def _keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from agentconf.config.shape import schema

    agent = schema("agent")
    keys = [key for key in agent["properties"] if key not in {"extends", "environments", "instructions_file"}]
    keys += [f"llm.{key}" for key in agent["$defs"]["llm"]["properties"]]
    return [CompletionItem(key) for key in keys if key.startswith(incomplete)]


def _rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from agentconf import codes

    names = [rule.code for rule in codes.EVERY] + [rule.name for rule in codes.EVERY]
    return [CompletionItem(name) for name in dict.fromkeys(names) if name.casefold().startswith(incomplete.casefold())]


def _models(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Models of the tree's own files and of LiteLLM's; providers first, since there are thousands of models."""
    from agentconf.cli.models.opened import open_catalogue

    names = open_catalogue(ctx.params.get("path")).catalogue.names()
    wanted = {name for name in names if name.startswith(incomplete) and name.isprintable()}
    if "/" not in incomplete:
        wanted = {f"{name.partition('/')[0]}/" for name in wanted}
    return [CompletionItem(name) for name in sorted(wanted)]


path_argument = click.argument("path", required=False, type=click.Path(path_type=str), metavar="[PATH]")
path_option = click.option("--path", metavar="PATH", help="The config tree; default: AGENTCONF_DIR, else agents.d.")
agent_argument = click.argument("agent", shell_complete=_agents)
rule_argument = click.argument("rule", required=False, shell_complete=_rules, metavar="[RULE]")
model_argument = click.argument("model", shell_complete=_models)
models_argument = click.argument("models", nargs=-1, required=True, shell_complete=_models, metavar="MODEL MODEL...")
for_option = click.option("--for", "agent", metavar="AGENT", shell_complete=_agents, help="Models for this agent.")
key_argument = click.argument("key", required=False, shell_complete=_keys)
output_option = click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write there instead of printing.",
)


select_option = click.option(
    "--select",
    multiple=True,
    metavar="CODE",
    help="Say only these findings: codes (AC301), beginnings of codes (AC3) or names; may be repeated.",
)
ignore_option = click.option(
    "--ignore", multiple=True, metavar="CODE", help="Do not say these; literal keys and connections are always said."
)


def choice(select: tuple[str, ...], ignore: tuple[str, ...]) -> Choice:
    """The findings that were chosen. Raises click's error where no rule has a name."""
    from agentconf.rules.choice import Choice, UnknownRule

    for option, words in (("--select", select), ("--ignore", ignore)):
        try:
            Choice.of(words, ())
        except UnknownRule as error:
            raise click.BadParameter(str(error), param_hint=option) from None
    return Choice.of(select, ignore)


def environment_option(command: Command) -> Command:
    """One environment."""
    said = "The environment; default: AGENTCONF_ENVIRONMENT, else none."
    return click.option("--environment", "-e", metavar="ENV", shell_complete=_environments, help=said)(command)


def environments_option(command: Command) -> Command:
    """Several environments."""
    return _several(command, "Check this environment only; may be repeated. Default: all.")


def within_option(command: Command) -> Command:
    """The environments that are looked at."""
    return _several(command, "Look at this environment only; may be repeated. Default: all.")


def _several(command: Command, said: str) -> Command:
    return click.option(
        "--environment", "-e", "environments", multiple=True, metavar="ENV", shell_complete=_environments, help=said
    )(command)


several_agents_option = click.option(
    "--agent", "-a", "agents", multiple=True, metavar="AGENT", shell_complete=_agents,
    help="This agent only; may be repeated. Default: all.",
)  # fmt: skip


def format_option(*formats: str) -> Callable[[Command], Command]:
    """The form of the output; the first is the default."""
    return click.option(
        "--format",
        "-f",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="The form of the output.",
    )
