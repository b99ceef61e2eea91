"""Saying that agents which disappeared all at once are meant to be gone: here, or in another process."""

from __future__ import annotations

import logging
import threading
import time

from agentconf.live.last_good import LastGood
from agentconf.source.private import NotPrivate

_log = logging.getLogger("agentconf.live")


class Confirmation:
    """Asked for by any thread, carried out by the loop. What is confirmed here is told through the last good folder.

    `agents` are those that are confirmed and still served.
    """

    def __init__(self, last_good: LastGood | None) -> None:
        self.agents: tuple[str, ...] = ()
        self._last_good = last_good
        self._changed = threading.Condition()
        self._done: tuple[str, ...] = ()
        self._is_closed = False
        self._missing_since = 0.0

    def ask(self, agents: tuple[str, ...]) -> None:
        """From the next look on, these agents are gone."""
        with self._changed:
            self.agents, self._done = agents, ()

    def wait(self, timeout: float) -> tuple[str, ...]:
        """The agents that were let go, once that is served; none where it was not within `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: not self.agents or self._is_closed, timeout)
            self.agents = ()
            done = self._done
        if done and self._last_good is not None:
            try:
                self._last_good.confirm_deletes(done)
            except (OSError, NotPrivate) as error:
                _log.warning("the deletes are carried out here, and other processes cannot be told: %s", error)
        return done

    def close(self) -> None:
        """Nobody carries anything out any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def begin(self) -> None:
        """Agents are missing from now on: what was confirmed before is not about them. The loop's."""
        self._missing_since = time.time()

    def carry_out(self, agents: tuple[str, ...]) -> None:
        """What was asked for is served. The loop's."""
        with self._changed:
            self.agents, self._done = (), agents
            self._changed.notify_all()

    def look_elsewhere(self, missing: tuple[str, ...]) -> None:
        """Another process that shares the last good may have confirmed it. The loop's."""
        if missing and self._last_good is not None and not self.agents:
            confirmed = self._last_good.confirmed_since(self._missing_since)
            if confirmed.issuperset(missing):
                self.agents = missing
