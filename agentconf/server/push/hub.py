"""The hub: follows the watch, and tells everybody who listens."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from agentconf.live.change import Change, Version
from agentconf.live.watch import Watch
from agentconf.server.problem import UNAVAILABLE, Problem
from agentconf.server.push.history import History
from agentconf.server.push.member import Member
from agentconf.server.push.parcel import Parcel, heartbeat, hint_parcel, step_parcel, whole_parcel
from agentconf.server.push.prepared import Basis, Body, Entries, Prepared

Send: TypeAlias = Callable[[Parcel], Awaitable[None]]

_FEW: Final = 24
"""Agents that are encoded at once; more are in a thread."""
_SPREAD_MS: Final = 0.5
"""Within how much time for each client all of them come for what changed."""

_LATE: Final = 0.1
"""By which part of its time a heartbeat may be late."""

_QUIET_S: Final = 0.5
_SHARE_OF_TIME: Final = 10
"""In a storm of changes the snapshot is made ready for at most so small a part of the time."""

_log = logging.getLogger("agentconf.server")


@dataclass(frozen=True, slots=True)
class Pace:
    """How many clients are told, and how patiently. All times in seconds."""

    members: int = 5_000
    heartbeat: float = 15.0
    write_timeout: float = 30.0
    """How long a client may take to read what it was sent, before it is cut off."""
    subscribe_timeout: float = 10.0


class Hub:
    """Lives in one event loop. `snapshot` is what it tells of: the watch's newest, or a moment behind it."""

    def __init__(self, watch: Watch, pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.members: set[Member] = set()
        self.is_ending = False
        self.cut_off = 0
        self._watch = watch
        self._changes = watch.changes()
        self.snapshot = watch.snapshot
        self.history = History(secrets.token_hex(6), Version(self.snapshot.generation, self.snapshot.digest))
        self._entries: Entries = {}
        self._prepared = Prepared(self.snapshot, self.history.run, self._entries)
        self._parcels: dict[Hashable, asyncio.Future[Parcel]] = {}
        self._etag: str | None = None
        self._stirred = asyncio.Event()
        self._stirred.set()

    # -- what is told

    async def run(self) -> None:
        """Follow the watch until it is closed."""
        async for change in self._changes:
            if change.generation > self.history.newest.generation:
                self._take(change)

    def _take(self, change: Change) -> None:
        self.snapshot = change.after
        self._etag = None
        self.history.add(change)
        self._parcels.clear()
        self._stirred.set()
        for member in self.members:
            member.wake()

    async def tell(self, member: Member, send: Send) -> None:
        """Everything that a client has not been told, and heartbeats, until it ends."""
        # a task of its own: the request's, woken, goes through all the layers around the route to come here
        await asyncio.create_task(self._tell(member, send))

    async def _tell(self, member: Member, send: Send) -> None:
        while not member.is_ending:
            if member.is_listening and (member.is_owed or member.place != self.history.newest.generation):
                await self._tell_newest(member, send)
            elif self._is_silent(member):
                await self._send(member, send, heartbeat(self.snapshot, self.history.mark, await self._known_etag()))
            else:
                await member.sleep()

    async def _tell_newest(self, member: Member, send: Send) -> None:
        member.is_owed = False
        parcel = await self._parcel(member)
        await self._send(member, send, parcel)
        member.place = parcel.generation

    async def _send(self, member: Member, send: Send, parcel: Parcel) -> None:
        member.told_at, member.is_being_told = asyncio.get_running_loop().time(), True
        await send(parcel)
        member.is_being_told = False

    def _is_silent(self, member: Member) -> bool:
        """Whether a client has been told nothing for so long that it is to hear that the server lives."""
        silent_s = asyncio.get_running_loop().time() - member.told_at
        return member.is_listening and silent_s >= self.pace.heartbeat

    async def beat(self) -> None:
        """Wakes those who are to hear that the server lives. A timer for each costs a fifth of telling it a change."""
        while True:
            await asyncio.sleep(self.pace.heartbeat * _LATE)
            for member in self.members:
                if self._is_silent(member):
                    member.wake()

    async def _parcel(self, member: Member) -> Parcel:
        """What takes a client from its place to the newest generation: the same object for all at that place."""
        place = member.place if member.place is not None and self.history.reaches(member.place) else None
        key = "hint" if member.is_hinted else place
        future = self._parcels.get(key)
        if future is None:
            future = self._parcels[key] = self._encoded(key)
        return await asyncio.shield(future)

    def _encoded(self, key: Hashable) -> asyncio.Future[Parcel]:
        """Done already where it is little: who is told does not wait then for all the others to have been woken."""
        snapshot, mark = self.snapshot, self.history.mark
        if key == "hint":
            return _done(hint_parcel(snapshot, mark, round(len(self.members) * _SPREAD_MS)))
        if not isinstance(key, int):
            return asyncio.ensure_future(asyncio.to_thread(whole_parcel, snapshot, mark))
        touched = self.history.since(key)
        if len(touched.every) <= _FEW:
            return _done(step_parcel(snapshot, touched, mark))
        return asyncio.ensure_future(asyncio.to_thread(step_parcel, snapshot, touched, mark))

    async def _known_etag(self) -> str:
        prepared = self._newest()
        if self._etag is None or prepared.snapshot is not self.snapshot:
            self._etag = await prepared.etag()
        return self._etag

    # -- the snapshot as a whole

    def _newest(self) -> Prepared:
        """Settings and facts about models may be others without a new generation: the watch knows."""
        newest = self._watch.snapshot
        snapshot = newest if newest.generation == self.history.newest.generation else self.snapshot
        if self._prepared.snapshot is not snapshot:
            self._prepared = Prepared(snapshot, self.history.run, self._entries)
            self._etag = None
        return self._prepared

    async def etag(self) -> str:
        """The mark of what `answer` gives."""
        return await self._newest().etag()

    async def answer(self, since: str | None, facts: str | None) -> tuple[str, Body]:
        """The ETag and the snapshot; to one who has something that is known here, what changed since."""
        prepared = self._newest()
        place = self.history.place_of(since) if since is not None else None
        etag = await prepared.etag()
        if place is None or since is None:
            return etag, await prepared.whole()
        return etag, await prepared.delta(Basis(place, since, facts), self.history.since(place))

    async def prepare(self) -> None:
        """Has the snapshot ready before somebody asks for it, in the quiet after a change."""
        loop, pause = asyncio.get_running_loop(), 0.0
        while True:
            await self._stirred.wait()
            await asyncio.sleep(pause)
            self._stirred.clear()
            began = loop.time()
            await self._newest().whole()
            pause = max(_QUIET_S, _SHARE_OF_TIME * (loop.time() - began))

    # -- who listens

    def join(self, member: Member) -> None:
        """One client more. Raises Problem where there are too many, or the server is ending."""
        self.refuse_if_full()
        member.task = asyncio.current_task()
        member.told_at = asyncio.get_running_loop().time()
        self.members.add(member)

    def refuse_if_full(self) -> None:
        """Raises Problem where there are too many clients, or the server is ending."""
        if self.is_ending:
            raise Problem(UNAVAILABLE, "the server is ending", headers={"retry-after": "5"})
        if len(self.members) >= self.pace.members:
            said = f"{self.pace.members} clients listen already, which is the limit"
            raise Problem(UNAVAILABLE, said, headers={"retry-after": "30"})

    def leave(self, member: Member) -> None:
        self.members.discard(member)

    async def sweep(self) -> None:
        """Cuts off clients that do not read what they are sent."""
        pause = min(self.pace.write_timeout / 4, 60.0)
        while True:
            await asyncio.sleep(pause)
            now = asyncio.get_running_loop().time()
            for member in tuple(self.members):
                is_stuck = member.is_being_told and now - member.told_at > self.pace.write_timeout
                if is_stuck and not member.is_ending:
                    self.cut_off += 1
                    _log.warning("a client (%s) does not read what it is sent; it is cut off", member.kind)
                    self._end(member)
                    if member.task is not None:
                        member.task.cancel()

    def end(self) -> None:
        """Let every client go, each by its own closing words."""
        self.is_ending = True
        self._changes.close()
        for member in tuple(self.members):
            self._end(member)

    def _end(self, member: Member) -> None:
        member.is_ending = True
        member.wake()


def _done(parcel: Parcel) -> asyncio.Future[Parcel]:
    future: asyncio.Future[Parcel] = asyncio.get_running_loop().create_future()
    future.set_result(parcel)
    return future


async def kept_up(hub: Hub, stopping: asyncio.Event) -> None:
    """The hub's life: until the server is asked to end, or is ended."""
    tasks = [asyncio.create_task(work) for work in (hub.run(), hub.beat(), hub.sweep(), hub.prepare())]
    try:
        await stopping.wait()
    finally:
        hub.end()
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
