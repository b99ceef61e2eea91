"""`agentconf secret` and its commands, each imported when it is called: most import what encrypts."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

from agentconf.cli.status import FAILED

_COMMANDS: Final = ("check", "encrypt", "keygen", "rotate")


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"agentconf.cli.secret.{cmd_name}").command
        return command


@click.group("secret", cls=_Commands, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> int:
    """Make keys, encrypt secrets, rotate what is encrypted, and check that every reference has a value here.

    Fernet keys come from AGENTCONF_FERNET_KEYS or AGENTCONF_FERNET_KEYS_FILE: the first encrypts, all decrypt.
    age identities come from AGENTCONF_AGE_IDENTITY_FILE. Neither may lie in the tree.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
    return FAILED
