"""`agentconf secret keygen`: a new key."""

from __future__ import annotations

import os
from pathlib import Path

import click

from agentconf.cli import console
from agentconf.cli.status import GOOD
from agentconf.live.machine import chosen_folder
from agentconf.secrets.reading import is_below

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


@click.command("keygen")
@click.option(
    "--type", "kind", type=click.Choice(["fernet", "age"]), default="fernet", show_default=True, help="What to make."
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write it there, for this user alone, instead of printing it. An existing file is left as it is.",
)  # fmt: skip
def command(kind: str, output: Path | None) -> int:
    """Make a new Fernet key or age identity.

    \b
    agentconf secret keygen --output ~/.config/agentconf/fernet.keys
    agentconf secret keygen --type age --output ~/.config/agentconf/age.key
    """
    recipient, text = _made(kind)
    if output is None:
        console.write(text)
        return GOOD
    if is_below(os.fspath(output), chosen_folder(None)):
        raise click.ClickException(f"{output} lies in the tree, where no key may lie; name a file elsewhere")
    _create(output, text)
    console.write(f"wrote {output}\n" + (f"recipient: {recipient}\n" if recipient else ""))
    return GOOD


def _made(kind: str) -> tuple[str | None, str]:
    """The recipient, where there is one, and what the file holds, which for age is what age-keygen would write."""
    if kind == "fernet":
        from agentconf.secrets.fernet import new_key

        return None, new_key() + "\n"
    from agentconf.secrets.age import new_identity

    identity, recipient = new_identity()
    return recipient, f"# public key: {recipient}\n{identity}\n"


def _create(path: Path, text: str) -> None:
    """Raises click.ClickException where there is such a file, and OSError."""
    try:
        descriptor = os.open(path, _CREATE, 0o600)
    except FileExistsError:
        raise click.ClickException(f"there is a file {path} already; name another") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
