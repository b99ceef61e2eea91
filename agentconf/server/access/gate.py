"""Tells who calls: by a bearer token, by a ticket, or as anybody where the server takes no tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from agentconf.server.access.book import TokenBook
from agentconf.server.access.caller import NOBODY, READER, Caller, Scope
from agentconf.server.access.tickets import SharedTickets, Tickets
from agentconf.server.access.token import fits, parts_of

_UNKNOWN: Final = Caller(refusal="the token is not known here; ask for a new one")
_NO_BEARER: Final = Caller(refusal="send the token as 'Authorization: Bearer TOKEN'")
_USED_UP: Final = Caller(refusal="the ticket was used, or is too old; get a new one by POST /api/tickets")


class Gate:
    """Who calls. `book` is None where the server takes no tokens: then everybody may read, and nobody do more."""

    def __init__(self, tokens: str | None, tickets: str | None = None) -> None:
        """`tickets` is a folder that several processes share. Raises SourceUnavailable."""
        self.book = TokenBook(tokens) if tokens is not None else None
        self.tickets = Tickets() if tickets is None else SharedTickets(tickets)

    def caller(self, authorization: bytes | None) -> Caller:
        """The caller who sends this header."""
        if self.book is None:
            return READER
        if authorization is None:
            return NOBODY
        kind, _, text = authorization.partition(b" ")
        if kind.lower() != b"bearer":
            return _NO_BEARER
        parts = parts_of(text.strip().decode("latin-1"))
        return _UNKNOWN if parts is None else self._bearer(self.book, *parts)

    def ticket_holder(self, ticket: str) -> Caller:
        """The caller whose ticket it is, which is used up by that."""
        if self.book is None:
            return READER
        caller = self.tickets.redeem(ticket)
        if caller is None:
            return _USED_UP
        return caller if self.is_still_good(caller) else _UNKNOWN

    def is_still_good(self, caller: Caller) -> bool:
        """Whether a caller who was let in before may still read: streams ask now and then, as tokens are revoked."""
        if self.book is None:
            return True
        token = self.book.get(caller.token) if caller.token else None
        return token is not None and Scope.READ in token.scopes and token.refusal(datetime.now(UTC)) is None

    def _bearer(self, book: TokenBook, token_id: str, secret: str) -> Caller:
        token = book.get(token_id)
        if not fits(token, secret) or token is None:
            return _UNKNOWN
        refusal = token.refusal(datetime.now(UTC))
        return Caller(refusal=refusal) if refusal else Caller(token.scopes, token.id, token.owner)
