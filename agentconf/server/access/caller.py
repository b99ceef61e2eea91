"""Who calls, and what a caller may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a token allows."""

    READ = "read"
    SECRETS = "secrets"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for a token; the author of the commits that are made with it."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. `token` is the token's id, never its text; None for those who need none, or have none.

    `refusal` says why a token that was sent counts for nothing.
    """

    scopes: frozenset[Scope] = frozenset()
    token: str | None = None
    owner: Owner | None = None
    refusal: str | None = None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes


READER: Final = Caller(frozenset((Scope.READ,)))
"""Anybody, where the server takes no tokens."""

NOBODY: Final = Caller()
"""Somebody without a token, where the server takes tokens."""

CALLER: Final = "agentconf.caller"
"""Where a request's scope holds its `Caller`."""
