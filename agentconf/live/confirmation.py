"""Saying that agents which disappeared all at once are meant to be gone: here, or in another process."""

from __future__ import annotations

import threading
import time

from agentconf.live.last_good import LastGood


class Confirmation:
    """Asked for by any thread, carried out by the loop. What is confirmed here is told through the last good folder."""

    def __init__(self, last_good: LastGood | None) -> None:
        self.is_asked = False
        self._last_good = last_good
        self._carried_out = threading.Condition()
        self._agents: tuple[str, ...] = ()
        self._missing_since = 0.0

    def ask(self) -> None:
        """From the next reload on, what is gone is gone."""
        with self._carried_out:
            self.is_asked, self._agents = True, ()

    def wait(self, timeout: float) -> tuple[str, ...]:
        """The agents that were let go, once that is done; none where it was not within `timeout` seconds."""
        with self._carried_out:
            self._carried_out.wait_for(lambda: not self.is_asked, timeout)
            self.is_asked = False
            agents = self._agents
        if agents and self._last_good is not None:
            self._last_good.confirm_deletes(agents)
        return agents

    def note(self, before: tuple[str, ...], missing: tuple[str, ...]) -> None:
        """What was missing before a reload, and is missing after it. The loop's."""
        if missing and not before:
            self._missing_since = time.time()
        if self.is_asked:
            with self._carried_out:
                self.is_asked, self._agents = False, before
                self._carried_out.notify_all()

    def look_elsewhere(self, missing: tuple[str, ...]) -> None:
        """Another process that shares the last good may have confirmed it. The loop's."""
        if missing and self._last_good is not None and not self.is_asked:
            self.is_asked = self._last_good.confirmed_since(self._missing_since).issuperset(missing)
