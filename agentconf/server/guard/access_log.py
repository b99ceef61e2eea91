"""The access log: a line of JSON for each request, without what a client could have put a secret into."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TextIO

from agentconf.redact import printable, without_keys

_FLUSH_S: Final = 0.1
_MOST_LINES: Final = 10_000
"""How many wait for a reader that is slow, before the newest are dropped and counted."""
LONGEST_PATH: Final = 200


class AccessLog:
    """Lines are gathered, and written a few times a second: a request does not wait for the log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._lines: list[str] = []
        self._is_due = False
        self.dropped = 0

    def request(self, asked: tuple[str, str, str], token: str | None, answered: tuple[int, int, float]) -> None:
        """A request by its client, method and path, the id of its token, and the status, bytes and seconds."""
        if len(self._lines) >= _MOST_LINES:
            self.dropped += 1
            return
        status, sent_bytes, seconds = answered
        said = f'"status": {status or "null"}, "bytes": {sent_bytes}, "ms": {seconds * 1e3:.2f}'
        self._lines.append(f'{{"at": "{_now()}", {_asked(asked, token)}, {said}}}')
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(_FLUSH_S, self.flush)

    def say_now(self, entry: dict[str, Any]) -> None:
        """An entry that must be written before anything else happens. Raises OSError."""
        if self._stream is None:
            raise OSError("there is nothing to write to")
        try:
            self._stream.write(json.dumps({"at": _now(), **entry}) + "\n")
            self._stream.flush()
        except ValueError as error:  # it was closed
            raise OSError("it cannot be written to") from error

    def flush(self) -> None:
        """Write what has been gathered."""
        self._is_due = False
        lines, self._lines = self._lines, []
        if lines and self._stream is not None:
            with suppress(OSError, ValueError):  # nobody reads it any more; that is no reason to stop serving
                self._stream.write("\n".join([*lines, ""]))
                self._stream.flush()


@lru_cache(maxsize=4096)
def _asked(asked: tuple[str, str, str], token: str | None) -> str:
    """The same few clients ask the same again and again."""
    client, method, path = asked
    said = {"client": client or None, "method": method, "path": shown_path(path), "token": token}
    return json.dumps(said)[1:-1]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def shown_path(path: str) -> str:
    """A path as a log may have it: without the query, where tickets are, and what looks like a key hidden."""
    return without_keys(printable(path[:LONGEST_PATH]))
