"""`agentconf secret` and its commands, each imported when it is called: most import what encrypts."""

from __future__ import annotations

from typing import Final

import click

from agentconf.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "check": ("check", "Say which references have a value on this machine."),
    "encrypt": ("encrypt", "Encrypt a secret, and print its reference."),
    "keygen": ("keygen", "Make a new Fernet key or age identity."),
    "rotate": ("rotate", "Encrypt what is encrypted in the tree anew."),
}


@click.group("secret", cls=LazyGroup, package="agentconf.cli.secret", table=_COMMANDS)
def command() -> None:
    """Make keys, encrypt secrets, rotate what is encrypted, and check that every reference has a value here.

    Fernet keys come from AGENTCONF_FERNET_KEYS or AGENTCONF_FERNET_KEYS_FILE: the first encrypts, all decrypt.
    age identities come from AGENTCONF_AGE_IDENTITY_FILE. Neither may lie in the tree.
    """
