"""`agentconf token list`: the tokens of a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from agentconf.cli import console, options
from agentconf.cli.status import GOOD
from agentconf.cli.tables import Column, table
from agentconf.cli.token.options import tokens_option
from agentconf.redact import printable
from agentconf.server.access.token import Token
from agentconf.server.access.token_file import read_tokens

_COLUMNS = (Column("id"), Column("scopes"), Column("owner"), Column("expires"), Column("state"))


@click.command("list")
@tokens_option
@options.format_option("text", "json")
def command(tokens: str, form: str) -> int:
    """List the tokens: whose they are, what they allow, and whether they count.

    \b
    agentconf token list --tokens tokens.json
    """
    now = datetime.now(UTC)
    found = sorted(read_tokens(tokens).values(), key=lambda one: one.id)
    if form == "json":
        said = [{**_without_hash(one), "state": _state(one, now)} for one in found]
        console.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
    else:
        console.write(table(_COLUMNS, [_cells(one, now) for one in found]) or "no tokens\n")
    return GOOD


def _without_hash(token: Token) -> dict[str, object]:
    return {key: value for key, value in token.as_json().items() if key != "sha256"}


def _cells(token: Token, now: datetime) -> tuple[str, ...]:
    expires = token.expires.date().isoformat() if token.expires else "never"
    return token.id, ", ".join(sorted(token.scopes)), printable(str(token.owner)), expires, _state(token, now)


def _state(token: Token, now: datetime) -> str:
    if token.revoked is not None:
        return "revoked"
    return "expired" if token.refusal(now) else "good"
