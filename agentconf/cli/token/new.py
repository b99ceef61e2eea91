"""`agentconf token new`: a token, told once."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Final

import click

from agentconf.cli import console, options
from agentconf.cli.status import GOOD
from agentconf.cli.token.options import tokens_option
from agentconf.live.machine import chosen_folder
from agentconf.secrets.reading import is_below
from agentconf.server.access.caller import Scope
from agentconf.server.access.making import new_token
from agentconf.server.access.owner import owner_of

_LIFETIME: Final = re.compile(r"([1-9][0-9]{0,4})([dh])")
_SCOPES: Final = [str(one) for one in Scope]
_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1)}


def _lifetime(_: click.Context, parameter: click.Parameter, text: str) -> timedelta | None:
    if text == "never":
        return None
    match = _LIFETIME.fullmatch(text)
    if match is None:
        raise click.BadParameter("write days or hours, such as 90d or 12h, or never", param=parameter)
    return int(match[1]) * _UNITS[match[2]]


@click.command("new")
@click.argument("name")
@tokens_option
@click.option("--owner", required=True, metavar="WHO", help="'Name <address>': the author of commits made with it.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(_SCOPES), default=["read"], show_default=True,
    help="What it allows; may be repeated.",
)  # fmt: skip
@click.option(
    "--expires", "lifetime", default="90d", show_default=True, metavar="TIME", callback=_lifetime,
    help="When it ends: 90d, 12h, or never.",
)  # fmt: skip
@options.format_option("text", "json")
def command(
    name: str, tokens: str, owner: str, scopes: tuple[str, ...], lifetime: timedelta | None, form: str
) -> int:
    """Make the token NAME and print it: nobody can print it again. NAME is small letters, digits and hyphens.

    \b
    agentconf token new ci --tokens tokens.json --owner 'Ada Lovelace <ada@example.com>'
    agentconf token new deploy --scope read --scope secrets --owner 'Ops <ops@example.com>' --expires 12h
    """
    if is_below(tokens, chosen_folder(None)):
        raise click.ClickException(f"{tokens} lies in the tree, where it would be committed; name a file elsewhere")
    made, text = new_token(tokens, name, frozenset(map(Scope, scopes)), owner_of(owner), lifetime)
    expires = made.expires.isoformat() if made.expires else None
    if form == "json":
        said = {"id": made.id, "token": text, "scopes": sorted(made.scopes), "owner": str(made.owner)}
        console.write(json.dumps({**said, "expires": expires}, indent=2, ensure_ascii=False) + "\n")
    else:
        console.write(f"{text}\n")
        ends = f"ends {expires}" if expires else "never ends"
        console.note(f"the token '{made.id}' allows {', '.join(sorted(made.scopes))}, and {ends}")
        console.note("keep it now: it is not printed again")
    return GOOD
