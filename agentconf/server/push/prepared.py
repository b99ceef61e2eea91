"""What `/api/snapshot` answers of one snapshot, as bytes: made in a thread, once, for everybody who asks."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeVar

from agentconf.live.gently import pause
from agentconf.server.push.history import Touched
from agentconf.snapshot.snapshot import Snapshot
from agentconf.snapshot.transfer import FORMAT, entry_of, facts_of, head_of, mark_of

T = TypeVar("T")

_LEVEL: Final = 3
"""Of gzip: twice as quick as its default, a tenth larger."""
_TURN: Final = 32
_WORTH_BYTES: Final = 1024

Entries = dict[str, tuple[str, str, bytes]]
"""By id the agent's digest, its file, and its entry as JSON without the end."""


class Body(NamedTuple):
    """An answer: as it is, and compressed where that is worth it."""

    plain: bytes
    packed: bytes | None


class Basis(NamedTuple):
    """What a client has: the generation, by its number here and as the client said it, and the mark of the facts."""

    generation: int
    since: str
    facts: str | None


class Prepared:
    """The answers about one snapshot. `entries` are kept from one to the next: an agent is encoded when it changes."""

    def __init__(self, snapshot: Snapshot, run: str, entries: Entries) -> None:
        self.snapshot = snapshot
        self._run = run
        self._entries = entries
        self._making: dict[Hashable, asyncio.Future[Any]] = {}

    async def etag(self) -> str:
        """The mark of all that is sent: the same on every server of one tree."""
        return await self._once("etag", lambda: self._etag)

    async def whole(self) -> Body:
        """All of it."""
        return await self._once("whole", self._whole)

    async def delta(self, basis: Basis, touched: Touched) -> Body:
        """What one needs who has something."""
        return await self._once(basis, lambda: self._delta(basis, touched))

    async def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is made in a thread, by the first who asks; the others wait for it."""
        future = self._making.get(key)
        if future is None or (future.done() and (future.cancelled() or future.exception() is not None)):
            future = self._making[key] = asyncio.ensure_future(asyncio.to_thread(make))
        made: T = await asyncio.shield(future)
        return made

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return facts_of(self.snapshot)

    @cached_property
    def _facts_mark(self) -> str:
        return mark_of(self._facts)

    @cached_property
    def _etag(self) -> str:
        return mark_of({"digest": self.snapshot.digest, "facts": self._facts_mark, **head_of(self.snapshot)})

    def _head(self, since: str | None) -> dict[str, Any]:
        snapshot = self.snapshot
        return {
            "format": FORMAT,
            "run": self._run,
            "generation": snapshot.generation,
            "digest": snapshot.digest,
            "since": since,
            "etag": self._etag,
            **head_of(snapshot),
            "facts": self._facts_mark,
        }

    def _whole(self) -> Body:
        snapshot = self.snapshot
        said = {**self._head(None), **self._facts, "gone": [], "digests": dict(snapshot.digests)}
        entries = []
        for count, name in enumerate(sorted(snapshot), 1):
            entries.append(self._entry(name))
            if count % _TURN == 0:
                pause()
        for name in self._entries.keys() - snapshot.keys():
            self._entries.pop(name, None)
        return _body(said, entries)

    def _delta(self, basis: Basis, touched: Touched) -> Body:
        snapshot = self.snapshot
        names = [name for name in touched.every if name in snapshot]
        said = {
            **self._head(basis.since),
            **(self._facts if basis.facts != self._facts_mark else {}),
            "gone": [name for name in touched.every if name not in snapshot.digests],
            "digests": {name: snapshot.digests[name] for name in touched.every if name in snapshot.digests},
        }
        return _body(said, [self._entry(name) for name in names])

    def _entry(self, agent_id: str) -> bytes:
        snapshot = self.snapshot
        digest, file = snapshot.digests[agent_id], snapshot[agent_id].file
        known = self._entries.get(agent_id)
        if known is None or known[:2] != (digest, file):
            entry = entry_of(snapshot, agent_id)
            del entry["digest"]
            known = (digest, file, _encoded(entry)[:-1])
            self._entries[agent_id] = known
        return b'%b,"digest":"%b"}' % (known[2], snapshot.digest.encode())


def _body(said: dict[str, Any], entries: list[bytes]) -> Body:
    plain = b'%b,"agents":[%b]}' % (_encoded(said)[:-1], b",".join(entries))
    packed = gzip.compress(plain, _LEVEL, mtime=0) if len(plain) >= _WORTH_BYTES else None
    return Body(plain, packed)


def _encoded(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
