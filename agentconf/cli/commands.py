"""The command `agentconf` and its commands, each imported when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from agentconf import __version__
from agentconf.cli.status import FAILED

_COMMANDS: Final = {
    "explain": ("explain", "Say why a value is what it is."),
    "init": ("init", "Write a new config repository."),
    "list": ("list_agents", "List the agents."),
    "new": ("new", "Write a new agent's file."),
    "rules": ("rules", "Say what can be found, why it matters and what to do."),
    "schema": ("schema", "Print, write or check the published JSON Schemas."),
    "secret": ("secret.group", "Make, encrypt, rotate and check secrets."),
    "show": ("show", "Show one agent as resolved."),
    "validate": ("validate", "Check the whole tree, in every environment."),
    "watch": ("watch", "Print what is applied and refused as it happens."),
}


class _Commands(click.Group):
    """Imports a command when it is called: `--version` and completion stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"agentconf.cli.{_COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and args[0][:1] != "-":
            from agentconf.suggest import did_you_mean

            hint = did_you_mean(args[0], _COMMANDS) or "see 'agentconf --help'"
            raise click.UsageError(f"there is no command '{args[0]}'; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in sorted(_COMMANDS.items())])


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 good, 1 an error was found, 2 the command could not do its work, 130 interrupted.",
)
@click.version_option(__version__, prog_name="agentconf", message="%(prog)s %(version)s")
@click.pass_context
def group(context: click.Context) -> int:
    """Configuration of LLM agents as code: one YAML file an agent, validated, resolved, explained.

    PATH is the folder that holds the agents: by default AGENTCONF_DIR, else agents.d.
    Completion: eval "$(_AGENTCONF_COMPLETE=bash_source agentconf)" (or zsh_source, fish_source).
    """
    if context.invoked_subcommand is None:  # nothing was asked for, as the status says
        click.echo(context.get_help(), err=True)
    return FAILED
