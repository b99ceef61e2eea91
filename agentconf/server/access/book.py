"""The tokens as they are now: read again when their file changes, at the latest after a second."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Final

from agentconf.errors import SourceUnavailable
from agentconf.redact import printable
from agentconf.server.access.token import Token
from agentconf.server.access.token_file import read_tokens
from agentconf.source.system import Stamp, stamp_of

LOOK_S: Final = 1.0
"""How long a change of the file may go unseen."""

_log = logging.getLogger("agentconf.server")


class TokenBook:
    """The tokens of a file. Where it cannot be read any more, those read last count, and `trouble` says so."""

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises SourceUnavailable."""
        self.path = path
        self.trouble: str | None = None
        self._clock = clock
        self._stamp = _stamp(path)
        self._tokens = read_tokens(path)
        self._looks_at = clock() + LOOK_S

    def __len__(self) -> int:
        return len(self._tokens)

    def get(self, token_id: str) -> Token | None:
        """The token of an id, whether or not it still counts."""
        now = self._clock()
        if now >= self._looks_at:
            self._looks_at = now + LOOK_S
            self._look()
        return self._tokens.get(token_id)

    def _look(self) -> None:
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._tokens = read_tokens(self.path)
        except SourceUnavailable as error:
            self.trouble = str(error)
            _log.error("the tokens that were read before still count: %s", printable(self.trouble))
        else:
            self.trouble = None
            _log.info("read %d tokens from %s", len(self._tokens), printable(self.path))


def _stamp(path: str) -> Stamp | None:
    try:
        return stamp_of(os.stat(path))
    except OSError:
        return None
