"""The value of a reference, at the last moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from agentconf.config.secrets import SecretReference
from agentconf.errors import SecretUnavailable
from agentconf.secrets.allowed import Allowed
from agentconf.secrets.env import EnvSource, own_variables
from agentconf.secrets.file import FileSource
from agentconf.secrets.keys import KeyRing
from agentconf.secrets.source import SecretSource


@dataclass(frozen=True, slots=True)
class Ground:
    """What a reference is revealed upon: what its tree allows, the tree's folder, and the machine's variables.

    `root` is None where there is no folder: a tree in memory, or one that a server sent.
    """

    allowed: Allowed = field(default_factory=Allowed)
    root: str | None = None
    variables: Mapping[str, str] = field(default_factory=own_variables)

    @property
    def ring(self) -> KeyRing:
        return KeyRing(self.variables, self.root)


def reveal(reference: SecretReference, ground: Ground | None = None) -> SecretStr:
    """The value, masked until `get_secret_value` is called. Nothing is kept: each call looks again.

    Raises SecretUnavailable, which names the reference as it may be shown and never holds the value.
    """
    try:
        return source_of(reference.source, ground or Ground()).reveal(reference.name)
    except SecretUnavailable as error:
        reason = error.reason
    raise SecretUnavailable(reason, str(reference))


def source_of(name: str, ground: Ground) -> SecretSource:
    """One of the sources by its name. The libraries that decrypt are imported only where something is encrypted."""
    if name == "env":
        return EnvSource(ground.allowed, ground.variables)
    if name == "file":
        return FileSource(ground.allowed)
    if name == "fernet":
        from agentconf.secrets.fernet import FernetSource

        return FernetSource(ground.ring)
    from agentconf.secrets.age import AgeSource

    return AgeSource(ground.ring)
