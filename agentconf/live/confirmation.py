"""Saying that agents which disappeared all at once are meant to be gone: here, or in another process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection

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
        self._looked_at = self._there_at = time.time()

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

    def look(self) -> tuple[str, ...]:
        """A look begins. The agents that are confirmed before it. The loop's."""
        self._looked_at = time.time()
        return self.agents

    def found_all(self) -> None:
        """That look found no agents missing: what was confirmed before it is not about those that may be later.

        It counts from then, not from when they are missed: another process may have missed them, and been told, first.
        The loop's.
        """
        self._there_at = self._looked_at

    def carry_out(self, agents: tuple[str, ...], left: Collection[str]) -> None:
        """What was asked for is served, but for agents that are left. The loop's."""
        with self._changed:
            self.agents, self._done = (), tuple(name for name in agents if name not in left)
            self._changed.notify_all()

    def look_elsewhere(self, missing: tuple[str, ...]) -> None:
        """Another process that shares the last good may have confirmed it. The loop's."""
        if missing and self._last_good is not None and not self.agents:
            confirmed = self._last_good.confirmed_since(self._there_at)
            if confirmed.issuperset(missing):
                self.agents = missing
