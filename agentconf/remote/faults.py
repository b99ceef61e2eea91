"""Why a server gave nothing that can be served. Each message is one sentence, and none of it is the server's."""

from __future__ import annotations


class Unreachable(Exception):
    """The server does not answer, or not in time: it may come back."""


class Denied(Unreachable):
    """The server wants another token."""


class Unacceptable(Exception):
    """The server answers with what must not be served."""


class Unknown(Exception):
    """The server does not know what was asked for. `kind` is its name for that."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


def reason_of(error: Exception) -> str:
    """Why there is no snapshot, for the status and the log."""
    return "the server has no such address, or is not agentconf's" if isinstance(error, Unknown) else str(error)
