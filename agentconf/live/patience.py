"""What of the disk counts yet: a file half written, one that is gone for a moment, and half a tree that is missing.

All three are held back at the level of bytes: what was accepted before stands in, so that the pipeline only ever sees
trees that somebody meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from agentconf.live.disk import Content
from agentconf.source import layout
from agentconf.source.layout import Kind, Place

RETRIES_S: Final = (0.05, 0.2, 1.0)
"""When a file that looks half written is looked at again; behind the last it counts as it is."""

GRACE_S: Final = 1.0
"""How long a file must be gone before it counts as deleted: editors and checkouts take files away for a moment."""

MASS_AGENTS: Final = 5
MASS_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen at a time, in seconds. `hidden` are folders that are there and could not be listed.

    With `at_once` nothing is waited for but what disappeared all at once: so a service starts.
    """

    files: Mapping[str, Content]
    prompts: Mapping[str, Content]
    now: float
    hidden: Collection[str] = ()
    deletes_accepted: bool = False
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Sifted:
    """The files and prompts that count, when to look again, and the agents that disappeared all at once."""

    files: dict[str, Content]
    prompts: dict[str, Content]
    again_at: float | None = None
    missing: tuple[str, ...] = ()


@dataclass(slots=True)
class Patience:
    """Holds back what may not be meant. `is_torn` tells whether bytes look half written; times are in seconds."""

    is_torn: Callable[[str, Content], bool]
    files: dict[str, Content] = field(default_factory=dict)
    prompts: dict[str, Content] = field(default_factory=dict)
    _gone_since: dict[str, float] = field(default_factory=dict)
    _torn_since: dict[str, float] = field(default_factory=dict)
    _whole: dict[str, Content] = field(default_factory=dict)

    def sift(self, seen: Sighting) -> Sifted:
        """What counts of what was seen."""
        times: list[float] = []
        missing = () if seen.deletes_accepted else self._missing(seen.files)
        kept = self._vanished(seen, times, bool(missing))
        files = self._settled(seen, seen.files, self.files, times)
        prompts = self._settled(seen, seen.prompts, self.prompts, times)
        self._forget(seen)
        files.update(kept)
        if files.keys() != self.files.keys():
            files = dict(sorted(files.items()))
        return Sifted(files, prompts, min(times, default=None), missing)

    def accept(self, sifted: Sifted) -> set[str]:
        """From now on this is what was accepted. The paths that differ from before."""
        changed = _differing(self.files, sifted.files) | _differing(self.prompts, sifted.prompts)
        self.files, self.prompts = sifted.files, sifted.prompts
        self._whole.clear()
        for path in changed:
            self._torn_since.pop(path, None)
            self._gone_since.pop(path, None)
        return changed

    def learn(self, prompts: Mapping[str, Content]) -> None:
        """Prompts that were opened for the first time, since what was accepted names them."""
        self.prompts = {**prompts, **self.prompts}

    def _missing(self, files: Mapping[str, Content]) -> tuple[str, ...]:
        """The ids of all agents that are gone, where they are too many to be meant."""
        if self.files.keys() <= files.keys():
            return ()
        before, now = _agents(self.files), _agents(files)
        gone = before - now
        return tuple(sorted(gone)) if len(gone) >= MASS_AGENTS and len(gone) > MASS_SHARE * len(before) else ()

    def _vanished(self, seen: Sighting, times: list[float], is_mass: bool) -> dict[str, Content]:
        """The files that are gone and stand all the same."""
        gone = [path for path in self.files if path not in seen.files]
        taken = {_name(path) for path in seen.files} if gone else set()
        kept: dict[str, Content] = {}
        for path in gone:
            since = self._gone_since.setdefault(path, seen.now)
            if _name(path) in taken:
                continue  # it was moved: the agent is there, by another path
            if is_mass or any(path.startswith(folder) for folder in seen.hidden):
                kept[path] = self.files[path]
            elif not (seen.at_once or seen.deletes_accepted) and seen.now - since < GRACE_S:
                kept[path] = self.files[path]
                times.append(since + GRACE_S)
        return kept

    def _settled(
        self, seen: Sighting, found: Mapping[str, Content], before: Mapping[str, Content], times: list[float]
    ) -> dict[str, Content]:
        """What was found, with the accepted bytes where a file looks half written."""
        accepted = dict(found)
        for path in () if seen.at_once else _differing(before, found) & found.keys():
            again_at = self._is_torn_until(path, found[path], seen.now)
            if again_at is None:
                continue
            times.append(again_at)
            if path in before:
                accepted[path] = before[path]
            else:
                del accepted[path]
        return accepted

    def _is_torn_until(self, path: str, data: Content, now: float) -> float | None:
        """When to look again at a file that looks half written; None where it counts as it is."""
        if self._whole.get(path) is data:
            return None
        if self.is_torn(path, data):
            since = self._torn_since.setdefault(path, now)
            return next((since + wait for wait in RETRIES_S if since + wait > now), None)
        self._torn_since.pop(path, None)
        self._whole[path] = data
        return None

    def _forget(self, seen: Sighting) -> None:
        """What came back is no longer gone, and what is gone is no longer torn."""
        for path in [path for path in self._gone_since if path in seen.files]:
            del self._gone_since[path]
        for path in [path for path in self._torn_since if path not in seen.files and path not in seen.prompts]:
            del self._torn_since[path]


def _differing(before: Mapping[str, Content], after: Mapping[str, Content]) -> set[str]:
    """The paths whose bytes differ, or that only one side has."""
    changed = {path for path, data in after.items() if before.get(path) is not data and before.get(path) != data}
    return changed | (before.keys() - after.keys())


def _name(path: str) -> tuple[Kind | None, str]:
    """What two files must not both be: an agent by its id, a layer by its folder and name."""
    place = layout.place(path)
    if not isinstance(place, Place):
        return None, path
    return place.kind, place.name if place.kind is Kind.AGENT else f"{place.folder}/{place.name}"


def _agents(files: Mapping[str, Content]) -> set[str]:
    names = (_name(path) for path in files)
    return {name for kind, name in names if kind is Kind.AGENT}
