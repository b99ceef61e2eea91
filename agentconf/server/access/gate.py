"""Tells who calls: by a bearer token, by a ticket, or as anybody where the server takes no tokens."""

from __future__ import annotations

from agentconf.server.access.caller import NOBODY, READER, Caller


class Gate:
    """`tokens` is the file of tokens; None where the server takes none."""

    def __init__(self, tokens: str | None) -> None:
        self.tokens = tokens

    def caller(self, authorization: bytes | None) -> Caller:
        """The caller who sends this header."""
        return READER if self.tokens is None else NOBODY
