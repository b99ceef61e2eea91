"""The face of everything that is followed while a service runs: a mapping, always of the newest good snapshot."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Protocol, Self

from agentconf.config.agent import Agent
from agentconf.live.feed import Changes
from agentconf.live.status import Status
from agentconf.live.store import Store, Subscriber
from agentconf.snapshot.explanation import Explanation
from agentconf.snapshot.snapshot import Snapshot

USERS_CACHE: Final = ...
"""In the place of a folder: one in the user's cache."""


class Follows(Protocol):
    """What follows a source. `begin` serves the first snapshot, in `store`; then `run` goes on until `stop`."""

    store: Store

    def begin(self) -> None: ...

    def run(self) -> None: ...

    def stop(self) -> None: ...

    def status(self, snapshot: Snapshot) -> Status: ...


class Followed(Mapping[str, Agent]):
    """Something that is followed. Use it with `with` or `async with`, or call `close()` in the end."""

    def __init__(self, follows: Follows, named: str) -> None:
        self._follows = follows
        self._named = named
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._pid = os.getpid()
        self._is_closed = False

    # -- the mapping

    def __getitem__(self, agent_id: str) -> Agent:
        return self.snapshot[agent_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.snapshot)

    def __len__(self) -> int:
        return len(self.snapshot)

    def __contains__(self, agent_id: object) -> bool:
        return agent_id in self.snapshot

    @property
    def snapshot(self) -> Snapshot:
        """The newest good snapshot. Hold on to it to read several agents as they are at one moment."""
        return self._store.snapshot

    @property
    def _store(self) -> Store:
        try:
            return self._follows.store
        except AttributeError:
            said = f"this {self._named} has not begun; enter it with 'async with', or call start()"
            raise RuntimeError(said) from None

    def resolve(self, agent_id: str) -> Agent:
        """As `Snapshot.resolve`: the agent, else the default agent, else the machine's model."""
        return self.snapshot.resolve(agent_id)

    def explain(self, agent_id: str, key: str) -> Explanation:
        """As `Snapshot.explain`, of what is served."""
        return self.snapshot.explain(agent_id, key)

    # -- how it goes, and what changes

    @property
    def status(self) -> Status:
        """How it is going: fresh, stale or failing, and why."""
        status = self._follows.status(self._store.snapshot)
        if os.getpid() != self._pid:
            return _said(status, "this process was forked from the one that follows; start to follow after forking")
        return _said(status, f"the {self._named} was closed") if self._is_closed else status

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call a function with every `Change` from now on, in a thread for all subscribers. Returns what ends it."""
        if not callable(subscriber):
            raise TypeError("a subscriber is a function that takes a Change")
        return self._store.subscribe(subscriber)

    def changes(self) -> Changes:
        """Every `Change` from now on, for `for` or `async for`; ends when this is closed."""
        return self._store.changes()

    # -- its life

    def start(self) -> Self:
        """The first snapshot, and then the thread that follows. `with` calls it; a second call does nothing."""
        with self._starting:
            if self._thread is None:
                self._follows.begin()
                self._thread = threading.Thread(target=self._follows.run, name="agentconf-follow", daemon=True)
                self._thread.start()
                atexit.register(self.close)  # what was accepted last is kept, and no thread is cut off in the middle
        return self

    def close(self) -> None:
        """Stop following. What was served last stays readable."""
        if self._is_closed or self._thread is None or os.getpid() != self._pid:
            return
        self._is_closed = True
        atexit.unregister(self.close)
        self._follows.stop()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=30)
        self._follows.store.close()
        self._let_go()

    def _let_go(self) -> None:
        """What ends behind the thread that follows."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)


def in_event_loop() -> bool:
    """Whether this is called from one that runs: nothing may wait here then."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _said(status: Status, reason: str) -> Status:
    return replace(status, state="stale", reason=reason)
