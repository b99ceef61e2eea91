"""Options that the commands share."""

from __future__ import annotations

from typing import Final

import click

TOKENS_VARIABLE: Final = "AGENTCONF_TOKENS"

tokens_option = click.option(
    "--tokens",
    required=True,
    envvar=TOKENS_VARIABLE,
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=f"The file of tokens; default: {TOKENS_VARIABLE}.",
)
