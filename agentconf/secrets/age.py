"""`${age:TEXT}`: text that was encrypted to recipients of age, by `agentconf secret encrypt` or by age itself.

TEXT is the encrypted file in Base64, without line breaks. What `age --armor` prints is read too, its line breaks kept,
lost or turned into spaces.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyrage  # type: ignore[import-untyped]
from pydantic import SecretStr

from agentconf.errors import SecretUnavailable
from agentconf.secrets.keys import AGE_FILE_VARIABLE, KeyRing
from agentconf.secrets.source import as_secret

_NOT_BASE64: Final = re.compile(r"-----(?:BEGIN|END) AGE ENCRYPTED FILE-----|\\[nrt]|\\$|\s", re.MULTILINE)
_NATIVE: Final = "AGE-SECRET-KEY-1"
_SSH: Final = "-----BEGIN OPENSSH PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class AgeSource:
    """Any of the machine's identities may be among the recipients."""

    ring: KeyRing

    def reveal(self, name: str) -> SecretStr:
        return as_secret(decrypted(self.ring, name))


def new_identity() -> tuple[str, str]:
    """An identity, and the recipient that belongs to it."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def encrypt(recipients: Iterable[str], value: SecretStr) -> str:
    """The text of a reference. Raises SecretUnavailable where a recipient is none."""
    return _encrypted(recipients, value.get_secret_value().encode())


def own_recipients(ring: KeyRing) -> list[str]:
    """The recipients that belong to the machine's identities. Raises SecretUnavailable where that cannot be told."""
    identities = _identities(ring)
    if not all(isinstance(one, pyrage.x25519.Identity) for one in identities):
        raise SecretUnavailable("name a --recipient: that of an SSH key does not stand in its identity")
    return [str(one.to_public()) for one in identities]


def reencrypted(ring: KeyRing, recipients: Iterable[str], text: str) -> str:
    """The same value for other recipients. Raises SecretUnavailable."""
    return _encrypted(recipients, decrypted(ring, text))


def decrypted(ring: KeyRing, text: str) -> bytes:
    """The bytes of a reference's text. Raises SecretUnavailable."""
    identities = _identities(ring)
    data = _binary(text)
    if data is None:
        raise SecretUnavailable("it is not what age writes, in Base64 or armor")
    value = _opened(data, identities)
    if value is None:
        raise SecretUnavailable("none of the age identities decrypts it")
    return value


def _encrypted(recipients: Iterable[str], data: bytes) -> str:
    known = [_recipient(one) for one in recipients]
    return base64.b64encode(pyrage.encrypt(data, known)).decode()


def _binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(_NOT_BASE64.sub("", text), validate=True)
    except ValueError:  # characters that Base64 has not, or too few of them
        return None


def _opened(data: bytes, identities: Sequence[Any]) -> bytes | None:
    try:
        return bytes(pyrage.decrypt(data, identities))
    except (pyrage.DecryptError, ValueError):
        return None


def _recipient(text: str) -> Any:
    kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text.strip())
    except (pyrage.RecipientError, ValueError):
        pass
    raise SecretUnavailable("a recipient begins with age1, ssh-ed25519 or ssh-rsa; this is none")


def _identities(ring: KeyRing) -> list[Any]:
    """Those of age itself, one a line, or the one of an SSH key."""
    text = ring.age_identities()
    if text.lstrip().startswith(_SSH):
        made = [_identity(pyrage.ssh.Identity.from_buffer, text.encode())]
    else:
        lines = [line.strip() for line in text.splitlines()]
        made = [_identity(pyrage.x25519.Identity.from_str, line) for line in lines if line.startswith(_NATIVE)]
    if not made or None in made:
        raise SecretUnavailable(f"the file that {AGE_FILE_VARIABLE} names holds no identity of age that can be used")
    return made


def _identity(read: Any, said: str | bytes) -> Any:
    try:
        return read(said)
    except (pyrage.IdentityError, ValueError):
        return None
