"""The loop of a client: pushes are hints, `/api/snapshot` is the truth, and what was confirmed last is served on."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final

from agentconf import pipeline
from agentconf.errors import SourceUnavailable, UnknownEnvironment
from agentconf.live.status import Status
from agentconf.live.store import Store
from agentconf.remote.faults import Unacceptable, Unknown, Unreachable, reason_of
from agentconf.remote.fetch import Server
from agentconf.remote.kept import Cache, Keeping
from agentconf.remote.line import Line, open_line
from agentconf.remote.pace import Pace, jittered, within
from agentconf.remote.reading import Hint, said_by
from agentconf.remote.received import Known, known
from agentconf.remote.sealing import Hooks, Sealed, sealed
from agentconf.remote.sight import TTL_S, Sight
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.tree import Origin

_MANY_BYTES: Final = 1 << 20
_FLOOD: Final = 200
"""More hints than this in one beat are no hints."""

_log = logging.getLogger("agentconf.remote")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """All in seconds.

    `beat`: how often the client says what it serves. `silence`: how long a server that lives is never silent.
    `poll`: how often it is asked where push does not get through. `first`, `longest`: the bounds of the wait before the
    next try. `save_after`, `confirm`: when what is new, and that it is still so, is written to the cache.
    """

    ttl: float = TTL_S
    beat: float = 10.0
    silence: float = 40.0
    poll: float = 5.0
    first: float = 2.0
    longest: float = 30.0
    save_after: float = 1.0
    confirm: float = 20.0


@dataclass(slots=True)
class _Session:
    """One connection on which hints come. Times are those of the monotonic clock."""

    line: Line
    began: float
    heard: float
    said: float
    hints: int = 0
    again: Pace = field(default_factory=lambda: Pace(0.2, 5.0))
    again_at: float | None = None


class Remote:
    """Follows one server. `begin` serves the first snapshot; then `run` goes on until `stop`."""

    def __init__(
        self, server: Server, environment: str | None, cache: Cache | None, hooks: Hooks, rhythm: Rhythm
    ) -> None:
        self.server = server
        self.rhythm = rhythm
        self.store: Store
        self.sealed: Sealed
        self._environment = environment
        self._keeping = Keeping(cache, rhythm.save_after, rhythm.confirm)
        self._hooks = hooks
        self._closing = threading.Event()
        self._pace = Pace(rhythm.first, rhythm.longest)
        self._push_pace = Pace(rhythm.first, rhythm.longest * 2)
        self._push_at = 0.0
        self._line: Line | None = None
        self._sight = Sight(time.monotonic())

    # -- the beginning

    def begin(self) -> None:
        """The server's snapshot; or, while it is away, what was kept. Raises SourceUnavailable, UnknownEnvironment."""
        try:
            self._begin()
        except BaseException:
            self.server.close()
            raise
        self.store = Store(self.sealed.snapshot)

    def _begin(self) -> None:
        try:
            body = self.server.snapshot(None)
            self.sealed = self._received(body or b"", None)
            self._sight = Sight(time.monotonic())
            self._keeping.changed()
        except (Unreachable, Unacceptable, Unknown) as error:
            self._begin_from_cache(error)

    def _begin_from_cache(self, error: Exception) -> None:
        kept = self._keeping.read()
        try:
            if kept is not None:
                self.sealed = self._checked(kept[0], None)
                moment = time.monotonic() - kept[1]
                said = reason_of(error)
                refusal = said if isinstance(error, Unacceptable) else None
                self._sight = Sight(moment, None if refusal else said, refusal)
                _log.warning("the server does not serve (%s); what was kept %.0f s ago is served", said, kept[1])
                return
        except Unacceptable as unfit:
            _log.warning("what was kept is not used: %s", unfit)
        nothing = "" if self._keeping.cache is None else ", and nothing was kept that could be served in its place"
        raise SourceUnavailable(f"{self.server.address.url}: {reason_of(error)}{nothing}") from None

    def _received(self, body: bytes, before: Sealed | None) -> Sealed:
        """What a body says, sealed; or what was before, where it says the same. Raises Unacceptable."""
        with pipeline.bulk() if len(body) > _MANY_BYTES else nullcontext():
            what = known(said_by(body), before.known if before else None)
            if before is not None and what.basis == before.known.basis:
                return before  # a server, or something before it, that takes no note of ETags
            return self._checked(what, before)

    def _checked(self, what: Known, before: Sealed | None) -> Sealed:
        """Sealed, if it is of the environment that was asked for."""
        wanted, said = self._environment, what.said.environment
        if wanted is not None and said != wanted:
            message = f"the server serves {f'the environment {said!r}' if said else 'no environment'}, not {wanted!r}"
            if before is None:
                raise UnknownEnvironment(message)
            raise Unacceptable(message)
        return sealed(what, before, Origin("server", self.server.address.url), self._hooks)

    # -- the loop

    def run(self) -> None:
        """Until `stop`. Whatever happens in a turn, the next one comes."""
        while not self._closing.is_set():
            try:
                self._turn()
            except Exception:  # noqa: BLE001  # a bug here must not end the following
                _log.exception("a turn failed; please report this")
                self._closing.wait(self._pace.next())
        self._save(by_all_means=True)

    def stop(self) -> None:
        self._closing.set()
        line = self._line
        if line is not None:
            line.close()
        self.server.close()

    def status(self, snapshot: Snapshot) -> Status:
        """How it is going."""
        return self._sight.status(snapshot, self.rhythm.ttl, self.rhythm.silence)

    def _save(self, *, by_all_means: bool = False) -> None:
        age = time.monotonic() - self._sight.confirmed_at
        self._keeping.save(self.sealed.known, age, by_all_means=by_all_means)

    def _turn(self) -> None:
        if time.monotonic() >= self._push_at:
            lasted = self._listen()
            if lasted is not None:
                if lasted > self.rhythm.first:
                    self._pace.reset()
                self._wait(self._pace.next())
                return
            self._push_at = time.monotonic() + self._push_pace.next()
        is_well = self._look()
        if is_well:
            self._pace.reset()
        self._wait(jittered(self.rhythm.poll) if is_well else self._pace.next())

    def _wait(self, seconds: float) -> None:
        if not self._closing.wait(min(seconds, self.rhythm.save_after)):
            self._save()
            self._closing.wait(max(0.0, seconds - self.rhythm.save_after))

    # -- push

    def _listen(self) -> float | None:
        """Take hints until the connection is lost: how long it held, or None where it did not get through."""
        began = None
        try:
            with open_line(self.server) as line:
                self._line = line
                line.subscribe(self.sealed.known.said.digest)
                now = time.monotonic()
                session = _Session(line, now, now, now)
                while not self._closing.is_set():
                    if self._beat(session):
                        began = session.began
        except (Unreachable, Unacceptable) as error:
            if began is not None:
                self._note(error)
            _log.debug("no push: %s", error)  # what does not get through is no trouble: the server is asked then
        finally:
            self._line = None
        return None if began is None else time.monotonic() - began

    def _beat(self, session: _Session) -> bool:
        """One hint, or none in time. Whether the server has ever been heard."""
        now = time.monotonic()
        due = session.said + self.rhythm.beat
        pending = [at for at in (session.again_at, self._keeping.due) if at is not None]
        hint = session.line.next(min([due, *pending]) - now)
        now = time.monotonic()
        if hint is not None:
            session.heard = now
            session.hints += 1
            if session.hints > _FLOOD:
                raise Unacceptable("the server sends hints without end")
            self._take(session, hint)
        elif now - session.heard > self.rhythm.silence:
            raise Unreachable("the server has fallen silent")
        elif session.again_at is not None and now >= session.again_at:
            self._fetch(session, None)
        if now >= due:
            session.line.beat(self.sealed.known.said.digest)
            session.said, session.hints = now, 0
        self._save()
        return session.heard > session.began

    def _take(self, session: _Session, hint: Hint) -> None:
        if hint.digest is None:
            return
        said = self.sealed.known.said
        if hint.digest == said.digest and hint.etag in {None, said.etag}:
            session.again_at = None
            self._confirm()
            return
        if hint.spread_ms:
            self._closing.wait(within(hint.spread_ms / 1000))
        self._fetch(session, hint.digest)

    def _fetch(self, session: _Session, hinted: str | None) -> None:
        """What changed. Another server may have answered than the one that gave the hint, and be behind: ask again."""
        before = self.sealed.known.said.digest
        is_well = self._look()
        digest = self.sealed.known.said.digest
        if digest != before:
            session.line.beat(digest)
            session.said = time.monotonic()
        if is_well and (hinted is None or digest == hinted):
            session.again.reset()
            session.again_at = None
        else:
            session.again_at = time.monotonic() + session.again.next()

    # -- the snapshot

    def _look(self) -> bool:
        """Ask the server for what changed, and serve it. Whether it answered with something good."""
        try:
            body = self.server.snapshot(self.sealed.known.basis)
            if body is not None:
                self._serve(body)
            self._confirm()
        except (Unreachable, Unacceptable, Unknown) as error:
            self._note(error)
            return False
        return True

    def _serve(self, body: bytes) -> None:
        before, self.sealed = self.sealed, self._received(body, self.sealed)
        if self.sealed is before:
            return
        change = self.store.swap(self.sealed.snapshot)
        self._keeping.changed()
        if change is not None:
            _log.info("applied generation %d: %s", change.generation, change.summary)
        else:
            _log.info("applied other settings or facts about models")

    def _confirm(self) -> None:
        if self._sight.trouble or self._sight.refusal:
            _log.info("the server serves again")
        self._sight = self._sight.confirmed()

    def _note(self, error: Exception) -> None:
        if self._closing.is_set():
            return
        said = reason_of(error)
        if isinstance(error, Unacceptable):
            if self._sight.refusal != said:
                _log.error("what the server says is refused: %s; what was served last is served on", said)
            self._sight = self._sight.refused(said)
        else:
            if self._sight.trouble is None:
                _log.warning("%s; what was served last is served on", said)
            self._sight = self._sight.lost(said)
