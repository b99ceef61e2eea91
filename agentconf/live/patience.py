"""What of the disk counts yet: a file half written, one that is gone for a moment, and half a tree that is missing.

All three are held back at the level of bytes: what was accepted before stands in, so that the pipeline only ever sees
trees that somebody meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Final

from agentconf.live.content import Content, only_bytes, unread_of
from agentconf.source import layout
from agentconf.source.layout import Kind, Place
from agentconf.source.tree import Unread

RETRIES_S: Final = (0.05, 0.2, 1.0)
"""When a file that looks half written is looked at again; behind the last it counts as it is."""

GRACE_S: Final = 1.0
"""How long a file must be gone before it counts as deleted: editors and checkouts take files away for a moment."""

MASS_AGENTS: Final = 5
MASS_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen by a look that began at a time, in seconds.

    `changed` are the paths that differ from the sighting before, `hidden` the folders that are there and could not be
    listed, `confirmed` the agents that are meant to be gone. With `at_once` nothing is waited for but what disappeared
    all at once: so a service starts. Nothing is given up by a look that is not `is_whole`: what is known of the folders
    that it passed over may be old.
    """

    files: Mapping[str, Content]
    prompts: Mapping[str, Content]
    changed: Collection[str]
    now: float
    hidden: Collection[str] = ()
    confirmed: Collection[str] = ()
    at_once: bool = False
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Sifted:
    """The files and prompts that count, which of them are new, when to look again, and who disappeared all at once.

    `unread` are those of the files that could not be read.
    """

    files: dict[str, Content]
    prompts: dict[str, Content]
    changed: frozenset[str]
    again_at: float | None = None
    missing: tuple[str, ...] = ()
    unread: Mapping[str, Unread] = field(default_factory=dict)

    @property
    def readable(self) -> Mapping[str, bytes]:
        """The files that could be read; to look at ten thousand for it would take a millisecond."""
        return only_bytes(self.files) if self.unread else self.files  # type: ignore[return-value]


@dataclass(slots=True)
class Patience:
    """Holds back what may not be meant. `is_torn` tells whether bytes look half written; times are in seconds."""

    is_torn: Callable[[str, Content], bool]
    files: dict[str, Content] = field(default_factory=dict)
    prompts: dict[str, Content] = field(default_factory=dict)
    _gone_since: dict[str, float] = field(default_factory=dict)
    _torn_since: dict[str, float] = field(default_factory=dict)
    _unread: dict[str, Unread] = field(default_factory=dict)
    _lost: set[str] = field(default_factory=set)

    def sift(self, seen: Sighting) -> Sifted:
        """What counts of what was seen, from now on."""
        times: list[float] = []
        doubtful = {*seen.changed, *self._gone_since, *self._torn_since}
        missing = self._missing(seen, doubtful)
        there = {path for path in doubtful if self._is_there(path, seen)}
        accepted = _Accepted(dict(self.files), dict(self.prompts), seen)
        for path in there:
            self._gone_since.pop(path, None)
            again_at = None if seen.at_once else self._is_torn_until(path, accepted.found(path), seen)
            accepted.take(path) if again_at is None else times.append(again_at)
        self._torn_since = {path: since for path, since in self._torn_since.items() if path in there}
        gone = {path for path in doubtful - there if path in accepted.files}
        claims = self._claims(there & seen.files.keys()) if gone else _Claims()
        for path in gone:
            again_at = self._is_gone_until(path, seen, claims, is_mass=bool(missing))
            accepted.take(path) if again_at is None else times.append(again_at)
        self.files, self.prompts = accepted.in_order(), accepted.prompts
        self._unread = unread_of(self.files, doubtful.union(self._unread))
        changed, again_at = frozenset(accepted.changed), min(filter(isfinite, times), default=None)
        return Sifted(self.files, self.prompts, changed, again_at, missing, self._unread)

    def learn(self, prompts: Mapping[str, Content]) -> None:
        """The prompts in use: those that were opened for the first time count as they are, others no more."""
        self.prompts = {path: self.prompts.get(path, data) for path, data in prompts.items()}

    def agents(self) -> tuple[str, ...]:
        """The ids of all agents that count, sorted."""
        return tuple(sorted(_agents(self.files)))

    def without_agents(self, now: float) -> Sighting:
        """What would be seen were all the agents gone, and meant to be: what they share is as it was."""
        shared = {path: data for path, data in self.files.items() if _name(path)[0] is not Kind.AGENT}
        gone = self.files.keys() - shared.keys()
        return Sighting(shared, self.prompts, gone, now, confirmed=_agents(self.files))

    def _missing(self, seen: Sighting, doubtful: Collection[str]) -> tuple[str, ...]:
        """The ids of all agents that are gone, where they are too many to be meant; of those the last until it is back.

        What a hidden folder holds counts among the many; but it is not gone, and nobody is asked about it.
        """
        if not any(path in self.files and path not in seen.files for path in doubtful):
            self._lost = set()
            return ()
        before = _agents(self.files)
        gone = before - _agents(seen.files) - set(seen.confirmed)
        is_mass = len(gone) >= MASS_AGENTS and len(gone) > MASS_SHARE * len(before)
        self._lost = gone if is_mass else self._lost & gone
        hidden = _agents([path for path in self.files if _is_below(path, seen.hidden)]) if seen.hidden else set()
        return tuple(sorted(self._lost - hidden))

    def _is_there(self, path: str, seen: Sighting) -> bool:
        """Whether a file is there. A config file that some agent names as its prompt is gone as a config file."""
        return path in seen.files or (path in seen.prompts and path not in self.files)

    def _claims(self, paths: Collection[str]) -> _Claims:
        """What some files that are there claim to be."""
        torn = frozenset(map(_name, self._torn_since))
        return _Claims(frozenset(_name(path) for path in paths if path not in self.files) - torn, torn)

    def _is_gone_until(self, path: str, seen: Sighting, claims: _Claims, *, is_mass: bool) -> float | None:
        """When to look again for a file that is gone, infinity for not by itself; None where it counts as deleted."""
        kind, name = _name(path)
        is_hidden = _is_below(path, seen.hidden)
        is_confirmed = not is_hidden and kind is Kind.AGENT and name in seen.confirmed
        if (kind, name) not in claims.new and not is_confirmed:  # else it has moved, or that is meant
            if is_mass or is_hidden or (kind, name) in claims.torn:
                self._gone_since[path] = seen.now  # its grace begins when nothing else holds it any more
                return inf
            end = self._gone_since.setdefault(path, seen.now) + GRACE_S
            if not seen.at_once and (seen.now < end or not seen.is_whole):
                return end
        self._gone_since.pop(path, None)
        return None

    def _is_torn_until(self, path: str, data: Content, seen: Sighting) -> float | None:
        """When to look again at a file that looks half written; None where it counts as it is."""
        if self.is_torn(path, data):
            since = self._torn_since.setdefault(path, seen.now)
            again_at = next((since + wait for wait in RETRIES_S if since + wait > seen.now), None)
            if again_at is not None:
                return again_at
            if not seen.is_whole:
                return seen.now
        self._torn_since.pop(path, None)
        return None


@dataclass(frozen=True, slots=True)
class _Claims:
    """What files claim to be: those that are new, and those that look half written yet.

    A claim that stood beside another before does not say that the other one has moved.
    """

    new: frozenset[tuple[Kind | None, str]] = frozenset()
    torn: frozenset[tuple[Kind | None, str]] = frozenset()


@dataclass(slots=True)
class _Accepted:
    """What is accepted, on its way from one sighting to the next."""

    files: dict[str, Content]
    prompts: dict[str, Content]
    seen: Sighting
    changed: set[str] = field(default_factory=set)
    has_new: bool = False

    def found(self, path: str) -> Content:
        seen = self.seen
        return seen.files[path] if path in seen.files else seen.prompts[path]

    def take(self, path: str) -> None:
        """Accept a file as it was found, or as gone."""
        for kept, found in ((self.files, self.seen.files), (self.prompts, self.seen.prompts)):
            if path in found:
                self.has_new = self.has_new or path not in kept
                if kept.get(path) != found[path]:
                    kept[path] = found[path]
                    self.changed.add(path)
            elif kept.pop(path, None) is not None and kept is self.files:
                self.changed.add(path)

    def in_order(self) -> dict[str, Content]:
        """The files by their paths, sorted as a folder is read."""
        return dict(sorted(self.files.items())) if self.has_new else self.files


def _name(path: str) -> tuple[Kind | None, str]:
    """What two files must not both be: an agent by its id, a layer by its folder and name."""
    place = layout.place(path)
    if not isinstance(place, Place):
        return None, path
    return place.kind, place.name if place.kind is Kind.AGENT else f"{place.folder}/{place.name}"


def _is_below(path: str, folders: Collection[str]) -> bool:
    return any(path.startswith(folder) for folder in folders)


def _agents(paths: Iterable[str]) -> set[str]:
    names = map(_name, paths)
    return {name for kind, name in names if kind is Kind.AGENT}
