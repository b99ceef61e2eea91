"""`watch`: a folder to the newest good snapshot, for as long as a service runs."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Self, get_args

from agentconf.config.agent import Agent
from agentconf.live.feed import Changes, Feed
from agentconf.live.follow import Follower
from agentconf.live.journal import Event
from agentconf.live.last_good import LastGood, folder_for
from agentconf.live.machine import chosen_environment, chosen_folder
from agentconf.live.metrics import Metric
from agentconf.live.reload import Mode, Reloader
from agentconf.live.status import Status
from agentconf.live.store import Store, Subscriber
from agentconf.live.timing import DEFAULT_SETTLE_S, Timing
from agentconf.snapshot.explanation import Explanation
from agentconf.snapshot.snapshot import Snapshot

USERS_CACHE: Final = ...
"""For `last_good`: a folder in the user's cache."""


def watch(
    path: str | os.PathLike[str] | None = None,
    *,
    environment: str | None = None,
    mode: Mode = "per-agent",
    last_good: str | os.PathLike[str] | Any | None = USERS_CACHE,
    settle: float = DEFAULT_SETTLE_S,
) -> Watch:
    """Follow a config tree: a read-only mapping of agent id to `Agent`, always of the newest good snapshot.

    `path` and `environment` are chosen as for `load`. `mode` is `per-agent` (a bad agent keeps its last good, all
    others move on) or `transactional` (all or nothing). `last_good` is the folder in which what was accepted outlives
    a restart; None for none; by default one in the user's cache folder. `settle` is the quiet time, in seconds, after
    which a change counts as complete.

    The first scan is done when this returns; inside of a running event loop, when `async with` is entered. Start it
    after forking: a forked child has the snapshot, and nothing that would renew it.

    Raises InvalidConfig, UnknownEnvironment and SourceUnavailable where there is neither anything valid nor a last
    good, and ValueError for a malformed argument or AGENTCONF_LLM_* variable.
    """
    if mode not in get_args(Mode):
        raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}")
    seconds: Any = settle
    if not isinstance(seconds, int | float) or not 0 <= seconds <= 60:
        raise ValueError("settle must be a number of seconds from 0 to 60")
    root, chosen = chosen_folder(path), chosen_environment(environment)
    keeper = None
    if last_good is not None:
        base = None if last_good is USERS_CACHE else last_good
        keeper = _keeper(base, root, chosen, mode)
    watching = Watch(Follower(root, Reloader(chosen, mode), keeper, Timing(settle=settle)))
    if not _in_event_loop():
        watching.start()
    return watching


class Watch(Mapping[str, Agent]):
    """A config tree that is followed. Use it with `with` or `async with`, or call `close()` in the end."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
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

    def __repr__(self) -> str:
        return f"<Watch of {self._follower.root}: {self.snapshot!r}>" if self._thread else "<Watch, not started>"

    @property
    def snapshot(self) -> Snapshot:
        """The newest good snapshot. Hold on to it to read several agents as they are at one moment."""
        return self._store.snapshot

    @property
    def _store(self) -> Store:
        try:
            return self._follower.store
        except AttributeError:
            raise RuntimeError("this watch has not begun; enter it with 'async with', or call start()") from None

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
        status = self._follower.status(self._store.snapshot)
        if os.getpid() != self._pid:
            return _said(status, "this process was forked from the one that follows the folder; watch after forking")
        return _said(status, "the watch was closed") if self._is_closed else status

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What is counted, under the names that a monitoring system sees."""
        return self._follower.metrics(self._store.snapshot)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call a function with every `Change` from now on, in a thread for all subscribers. Returns what ends it."""
        if not callable(subscriber):
            raise TypeError("a subscriber is a function that takes a Change")
        return self._store.subscribe(subscriber)

    def changes(self) -> Changes:
        """Every `Change` from now on, for `for` or `async for`; ends when the watch is closed."""
        return self._store.changes()

    def events(self) -> Feed[Event]:
        """What is applied and what is refused from now on; ends when the watch is closed."""
        feed: Feed[Event] = Feed()
        self._follower.journal.feeds.append(feed)
        if self._is_closed:
            feed.close()
        return feed

    def accept_deletes(self, timeout: float = 10.0) -> tuple[str, ...]:
        """Confirm that the agents that disappeared all at once are meant to be gone. Their ids; none if there are none.

        Other processes that share the last good folder are told, too.
        """
        return self._follower.accept_deletes(timeout)

    # -- its life

    def start(self) -> Self:
        """The first scan, and then the thread that follows. `watch` and `with` call it; a second call does nothing."""
        with self._starting:
            if self._thread is None:
                self._follower.begin()
                self._thread = threading.Thread(target=self._follower.run, name="agentconf-follow", daemon=True)
                self._thread.start()
                atexit.register(self.close)  # what was accepted last is kept, and no thread is cut off in the middle
        return self

    def close(self) -> None:
        """Stop following. What was served last stays readable."""
        if self._is_closed or self._thread is None or os.getpid() != self._pid:
            return
        self._is_closed = True
        atexit.unregister(self.close)
        self._follower.stop()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=30)
        self._follower.store.close()
        for feed in self._follower.journal.feeds:
            feed.close()
        if self._follower.last_good is not None:
            self._follower.last_good.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)


def _keeper(base: Any, root: str, environment: str | None, mode: str) -> LastGood | None:
    try:
        return LastGood(folder_for(base, root, environment, mode))
    except RuntimeError:  # a user without a home has no cache folder
        return None


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _said(status: Status, reason: str) -> Status:
    from dataclasses import replace

    return replace(status, state="stale", reason=reason)
