"""`agentconf token revoke`: the end of a token."""

from __future__ import annotations

import click

from agentconf.cli import console
from agentconf.cli.status import GOOD
from agentconf.cli.token.options import tokens_option
from agentconf.server.access.making import revoke_token


@click.command("revoke")
@click.argument("name")
@tokens_option
def command(name: str, tokens: str) -> int:
    """End the token NAME for good. Servers that run take it no more within a second.

    \b
    agentconf token revoke ci --tokens tokens.json
    """
    revoke_token(tokens, name)
    console.write(f"revoked {name}\n")
    return GOOD
