"""The group `agentconf token`."""

from __future__ import annotations

from typing import Final

import click

from agentconf.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "list": ("list_tokens", "List the tokens, which are not told again."),
    "new": ("new", "Make a token, and print it once."),
    "revoke": ("revoke", "End a token for good."),
}


@click.group(
    "token",
    cls=LazyGroup,
    package="agentconf.cli.token",
    table=_COMMANDS,
)
def command() -> None:
    """Tokens say who may use a server, and for what: read, secrets, write.

    A token is 256 random bits, printed when it is made; the file keeps its SHA-256. A server that runs reads the file
    again when it changes.
    """
