"""`agentconf secret encrypt`: a secret to a reference that may stand in the tree."""

from __future__ import annotations

import os
import sys

import click
from pydantic import SecretStr

from agentconf.cli import console, options
from agentconf.cli.status import GOOD
from agentconf.errors import SecretUnavailable
from agentconf.live.machine import chosen_folder
from agentconf.secrets.keys import KeyRing
from agentconf.secrets.reading import LIMIT_BYTES
from agentconf.secrets.source import as_secret

recipient_option = click.option(
    "--recipient", "-r", "recipients", multiple=True, metavar="RECIPIENT",
    help="Who may decrypt it with age (age1..., ssh-ed25519 ...); may be repeated.",
)  # fmt: skip


@click.command("encrypt")
@click.option("--type", "kind", type=click.Choice(["fernet", "age"]), help="Default: age with --recipient.")
@recipient_option
@options.path_option
@click.argument("arguments", nargs=-1, metavar="", callback=lambda *said: _none(said[2]), expose_value=False)
def command(kind: str | None, recipients: tuple[str, ...], path: str | None) -> int:
    """Encrypt a secret, and print the reference that stands for it.

    The secret is read from standard input, or asked for without being shown; never from an argument, which other
    users of the machine could see. With --type age and no --recipient, it is for the machine's own identities.

    \b
    agentconf secret encrypt < key.txt
    agentconf secret encrypt --recipient age1... --recipient "ssh-ed25519 AAAA..."
    """
    if recipients and kind == "fernet":
        raise click.UsageError("--recipient is of age; with a Fernet key there is none")
    ring = KeyRing(os.environ, chosen_folder(path))
    secret = _read()
    if kind == "age" or recipients:
        from agentconf.secrets import age

        console.write(f"${{age:{age.encrypt(recipients or age.own_recipients(ring), secret)}}}\n")
    else:
        from agentconf.secrets import fernet

        console.write(f"${{fernet:{fernet.encrypt(ring, secret)}}}\n")
    return GOOD


def _none(arguments: tuple[str, ...]) -> None:
    """Refuses arguments without repeating them: one may be the secret."""
    if arguments:
        raise click.UsageError("give no argument; the secret is read from standard input, where nobody can see it")


def _read() -> SecretStr:
    """The secret. Raises click.ClickException where there is none, or it is too long to be one."""
    if sys.stdin is None:
        raise click.ClickException("standard input is closed; the secret is read from there")
    if sys.stdin.isatty():
        return SecretStr(click.prompt("secret", hide_input=True, confirmation_prompt=True, err=True))
    data = sys.stdin.buffer.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise click.ClickException("a secret of more than 64 KiB is read by nobody")
    reason = ""
    try:
        return as_secret(data)
    except SecretUnavailable as error:
        reason = error.reason
    raise click.ClickException(f"cannot take this as a secret: {reason}")
