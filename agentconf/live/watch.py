"""`watch`: a folder to the newest good snapshot, for as long as a service runs."""

from __future__ import annotations

import os
from typing import Any, get_args

from agentconf.live.feed import Feed
from agentconf.live.follow import Follower
from agentconf.live.followed import USERS_CACHE, Followed, in_event_loop
from agentconf.live.journal import Event
from agentconf.live.last_good import LastGood, folder_for
from agentconf.live.machine import chosen_environment, chosen_folder
from agentconf.live.metrics import Metric
from agentconf.live.reload import Mode, Reloader
from agentconf.live.timing import DEFAULT_SETTLE_S, Timing


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
    if not in_event_loop():
        watching.start()
    return watching


class Watch(Followed):
    """A config tree that is followed. Use it with `with` or `async with`, or call `close()` in the end."""

    def __init__(self, follower: Follower) -> None:
        super().__init__(follower, "watch")
        self._follower = follower

    def __repr__(self) -> str:
        return f"<Watch of {self._follower.root}: {self.snapshot!r}>" if self._thread else "<Watch, not started>"

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What is counted, under the names that a monitoring system sees."""
        return self._follower.metrics(self._store.snapshot)

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

    def _let_go(self) -> None:
        for feed in self._follower.journal.feeds:
            feed.close()
        if self._follower.last_good is not None:
            self._follower.last_good.close()


def _keeper(base: Any, root: str, environment: str | None, mode: str) -> LastGood | None:
    try:
        return LastGood(folder_for(base, root, environment, mode))
    except RuntimeError:  # a user without a home has no cache folder
        return None
