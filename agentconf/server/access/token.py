"""A token: 256 random bits that are told once, and kept as their SHA-256."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from agentconf.server.access.caller import Owner, Scope
from agentconf.server.access.owner import owner_of

_TEXT: Final = re.compile(r"agentconf_([a-z0-9][a-z0-9-]{0,63})_([A-Za-z0-9_-]{43})")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_HASH: Final = re.compile("[0-9a-f]{64}")
_NOBODYS_HASH: Final = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
LONGEST: Final = 128
"""No token is longer, in characters."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token. `id` is its name, and part of its text; moments are in UTC, None is never."""

    id: str
    sha256: str
    scopes: frozenset[Scope]
    owner: Owner
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def refusal(self, now: datetime) -> str | None:
        """Why it counts for nothing; None where it counts."""
        if self.revoked is not None:
            return f"the token '{self.id}' was revoked"
        if self.expires is not None and self.expires <= now:
            return f"the token '{self.id}' has expired; ask for a new one"
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "sha256": self.sha256,
            "scopes": sorted(self.scopes),
            "owner": {"name": self.owner.name, "email": self.owner.email},
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat() if self.expires else None,
            "revoked": self.revoked.isoformat() if self.revoked else None,
        }


def new_secret() -> str:
    """256 random bits, as the second part of a token's text."""
    return secrets.token_urlsafe(32)


def text_of(token_id: str, secret: str) -> str:
    """What a client sends."""
    return f"agentconf_{token_id}_{secret}"


def parts_of(text: str) -> tuple[str, str] | None:
    """The id and the secret of a token's text; None where it is no token's."""
    match = _TEXT.fullmatch(text) if len(text) <= LONGEST else None
    return (match[1], match[2]) if match else None


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def is_name(text: str) -> bool:
    """Whether a token may be named so."""
    return _NAME.fullmatch(text) is not None


def fits(token: Token | None, secret: str) -> bool:
    """Whether a secret is the token's. It takes as long where there is no such token."""
    is_same = hmac.compare_digest(hash_of(secret), token.sha256 if token else _NOBODYS_HASH)
    return is_same and token is not None


def token_from(said: Any) -> Token:
    """A token as the file has it. Raises ValueError, which names the key and repeats no value."""
    if not isinstance(said, dict):
        raise ValueError("each token is a mapping")
    token_id, kept = said.get("id"), said.get("sha256")
    if not isinstance(token_id, str) or not is_name(token_id):
        raise ValueError("'id' must be of small letters, digits and hyphens")
    if not isinstance(kept, str) or not _HASH.fullmatch(kept):
        raise ValueError("'sha256' must be 64 hexadecimal digits")
    created = _moment(said, "created")
    if created is None:
        raise ValueError("'created' must be a moment")
    expires, revoked = _moment(said, "expires"), _moment(said, "revoked")
    return Token(token_id, kept, _scopes(said), _owner(said), created, expires, revoked)


def _owner(said: dict[str, Any]) -> Owner:
    owner = said.get("owner")
    if not isinstance(owner, dict) or not all(isinstance(owner.get(key), str) for key in ("name", "email")):
        raise ValueError("'owner' must have a name and an email")
    try:
        return owner_of(f"{owner['name']} <{owner['email']}>")
    except ValueError:
        raise ValueError("'owner' must have a name and an email that git takes for an author's") from None


def _scopes(said: dict[str, Any]) -> frozenset[Scope]:
    try:
        return frozenset(Scope(one) for one in said["scopes"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"'scopes' must be a list of {', '.join(Scope)}") from None


def _moment(said: dict[str, Any], key: str) -> datetime | None:
    """A moment with its zone: one without could be anybody's."""
    value = said.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"'{key}' must be a moment with its zone, such as 2027-01-31T12:00:00+00:00")
    return moment
