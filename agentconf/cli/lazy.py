"""A group of commands that imports one when it is called: `--version` and completion stay quick."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from agentconf.cli.status import FAILED


class LazyGroup(click.Group):
    """`table` has each command's module below `package`, where it is named `command`, and what it does.

    Called without a command it shows its help, on standard error, and fails.
    """

    def __init__(self, *args: Any, package: str, table: Mapping[str, tuple[str, str]], **more: Any) -> None:
        settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        super().__init__(*args, **{"invoke_without_command": True, "context_settings": settings, **more})
        self._package = package
        self._table = table

    def invoke(self, ctx: click.Context) -> Any:
        said = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            click.echo(ctx.get_help(), err=True)
            return FAILED
        return said

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._table:
            return None
        command: click.Command = import_module(f"{self._package}.{self._table[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._table and args[0][:1] != "-":
            from agentconf.suggest import did_you_mean

            hint = did_you_mean(args[0], self._table) or f"see '{ctx.command_path} --help'"
            raise click.UsageError(f"there is no command '{args[0]}'; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in sorted(self._table.items())])
