"""`${fernet:TOKEN}`: text that was encrypted with a key of this machine, by `agentconf secret encrypt`."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from agentconf.errors import SecretUnavailable
from agentconf.secrets.keys import KeyRing
from agentconf.secrets.source import as_secret


@dataclass(frozen=True, slots=True)
class FernetSource:
    """Any of the machine's keys may have encrypted it."""

    ring: KeyRing

    def reveal(self, name: str) -> SecretStr:
        data = _decrypted(self.ring, name)
        if data is None:
            raise SecretUnavailable("none of the Fernet keys decrypts it")
        return as_secret(data)


def new_key() -> str:
    return Fernet.generate_key().decode()


def encrypt(ring: KeyRing, value: SecretStr) -> str:
    """A token, by the first of the keys. Raises SecretUnavailable where there is none."""
    return _fernets(ring)[0].encrypt(value.get_secret_value().encode()).decode()


def rotated(ring: KeyRing, token: str) -> str:
    """The token under the first key; the same where it is under that already. Raises SecretUnavailable."""
    fernets = _fernets(ring)
    if _opened(fernets[:1], token) is not None:
        return token
    data = _opened(fernets[1:], token)
    if data is None:
        raise SecretUnavailable("none of the Fernet keys decrypts it")
    return fernets[0].encrypt(data).decode()


def _decrypted(ring: KeyRing, token: str) -> bytes | None:
    return _opened(_fernets(ring), token)


def _opened(fernets: list[Fernet], token: str) -> bytes | None:
    """None where no key fits: raised from here, an error would lead to the frames that hold them."""
    if not fernets:
        return None
    try:
        return MultiFernet(fernets).decrypt(token.encode())
    except InvalidToken:
        return None


def _fernets(ring: KeyRing) -> list[Fernet]:
    fernets = [_fernet(key) for key in ring.fernet_keys()]
    wrong = [number for number, one in enumerate(fernets, 1) if one is None]
    if wrong:
        raise SecretUnavailable(f"number {wrong[0]} of the Fernet keys is none: 32 bytes in URL-safe Base64 are one")
    return [one for one in fernets if one is not None]


def _fernet(key: str) -> Fernet | None:
    try:
        return Fernet(key)
    except ValueError:  # binascii.Error too
        return None
