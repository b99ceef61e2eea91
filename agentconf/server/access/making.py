"""New tokens, and the end of old ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agentconf.server.access.caller import Owner, Scope
from agentconf.server.access.token import Token, hash_of, is_name, new_secret, text_of
from agentconf.server.access.token_file import change_tokens, read_tokens


def new_token(
    path: str, token_id: str, scopes: frozenset[Scope], owner: Owner, lifetime: timedelta | None = None
) -> tuple[Token, str]:
    """Adds a token to a file: what is kept of it, and its text, which nobody can tell again.

    Raises ValueError where the name cannot be used, SourceUnavailable and OSError.
    """
    if not is_name(token_id):
        raise ValueError(f"'{token_id}' is no name for a token: write small letters, digits and hyphens")
    now, secret = datetime.now(UTC).replace(microsecond=0), new_secret()
    token = Token(token_id, hash_of(secret), scopes, owner, now, now + lifetime if lifetime else None)

    def added(tokens: dict[str, Token]) -> dict[str, Token]:
        if token_id in tokens:
            raise ValueError(f"there is a token '{token_id}' already; name this one otherwise")
        return {**tokens, token_id: token}

    change_tokens(path, added)
    return token, text_of(token_id, secret)


def revoke_token(path: str, token_id: str) -> None:
    """Ends a token for good. It stays in the file, so that no other gets its name.

    Raises ValueError, SourceUnavailable and OSError.
    """
    now = datetime.now(UTC).replace(microsecond=0)

    def revoked(tokens: dict[str, Token]) -> dict[str, Token]:
        if token_id not in tokens:
            raise ValueError(f"there is no token '{token_id}'; 'agentconf token list' prints those that there are")
        before = tokens[token_id]
        return tokens if before.revoked else {**tokens, token_id: replace(before, revoked=now)}

    read_tokens(path)  # a file that is not there is a mistake in its name, and not to be begun
    change_tokens(path, revoked)
