"""Random changes of a tree: each kind of edit and of mistake, at the rate at which it is worth trying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from agentconf.live.content import Content
from tests.live.model.contents import Author
from tests.live.model.trees import (
    DEFAULTS,
    ENVIRONMENTS,
    FOLDERS,
    IDS,
    MISNAMED,
    MODELS,
    PROFILE_FILES,
    PROMPTS,
    SETTINGS,
    UNREADABLE,
    Edits,
    Files,
    Step,
    after,
    is_agent,
    value_of,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What can be planted. A `flat` tree has no folders; on a `plain` one nothing is misnamed, nor unreadable."""

    is_flat: bool = False
    is_plain: bool = False

    @property
    def folders(self) -> tuple[str, ...]:
        return FOLDERS[:1] if self.is_flat else FOLDERS

    @property
    def layers(self) -> tuple[str, ...]:
        return DEFAULTS[:1] if self.is_flat else (*DEFAULTS, *PROFILE_FILES)

    @property
    def environments(self) -> tuple[str, ...]:
        return () if self.is_flat else ENVIRONMENTS

    @property
    def prompts(self) -> tuple[str, ...]:
        return PROMPTS[:1] if self.is_flat else PROMPTS


ANY: Final = Ground()


class Gardener:
    """Makes steps, each for the tree that the one before left."""

    def __init__(self, random: Random, ground: Ground = ANY) -> None:
        self.random = random
        self.ground = ground
        self.files: Files = {}
        self._author = Author(random)

    def first(self) -> Step:
        """A tree to begin with."""
        agents = self.random.sample(IDS, self.random.randint(1, len(IDS)))
        ground = self.ground
        paths = [self.random.choice(ground.folders) + f"{name}.yaml" for name in agents]
        layers = [path for path in ground.layers if self.random.random() < 0.6]
        planted = (*layers, *paths, *ground.prompts, *ground.environments[:1])
        return self._step("plant", {path: self._author.sound(path) for path in planted})

    def next(self) -> Step:
        kinds, weights = zip(*_KINDS.items(), strict=True)
        [kind] = self.random.choices(kinds, weights)
        return self._step(kind, self._edits(kind))

    def steps(self, count: int) -> Iterator[Step]:
        yield self.first()
        for _ in range(count):
            yield self.next()

    def _edits(self, kind: str) -> Edits:
        edits: Edits = getattr(self, f"_{kind}")()
        return edits

    def _step(self, what: str, edits: Edits) -> Step:
        step = Step(what, edits)
        self.files = after(self.files, step)
        return step

    # -- what happens to files

    def _config(self) -> list[str]:
        return [path for path in self.files if path not in PROMPTS]

    def _agents(self) -> list[str]:
        return [path for path in self.files if is_agent(path)]

    def _edit(self) -> Edits:
        path = self._any(self._config())
        return {path: self._author.sound(path)} if path else {}

    def _add(self) -> Edits:
        name = f"{self.random.choice(IDS)}.{self.random.choice(('yaml', 'yaml', 'yml'))}"
        path = self.random.choice(self.ground.folders) + name
        return {path: self._author.sound(path)}

    def _share(self) -> Edits:
        path = self.random.choice((*self.ground.layers, *self.ground.environments))
        return {path: self._author.sound(path)}

    def _settle(self) -> Edits:
        path = self.random.choice((SETTINGS, SETTINGS, MODELS))
        content = b'{"format": 99}' if self.random.random() < 0.1 and path == SETTINGS else self._author.sound(path)
        return {path: None if self.random.random() < 0.4 else content}

    def _touch_nothing(self) -> Edits:
        path = self._any(self._config())
        return {path: self.files[path]} if path else {}

    def _respell(self) -> Edits:
        path = self._any(self._config())
        content = self.files[path] if path else None
        return {path: b"\n" + content} if path and isinstance(content, bytes) and content else {}

    def _remove(self) -> Edits:
        path = self._any(self._agents() if self.random.random() < 0.6 else list(self.files))
        return {path: None} if path else {}

    def _break(self) -> Edits:
        path = self._any(self._config())
        if path is None:
            return {}
        made = self._author.broken(self._data(path))
        return {path: self.random.choice(made[:-1] if self.ground.is_plain else made)}

    def _break_and_switch_off(self) -> Edits:
        path = self._any(self._config())
        return {path: self._author.switched_off(path)} if path else {}

    def _mend(self) -> Edits:
        broken = [path for path in self._config() if value_of(self.files[path]) is None or b"bad_" in self._data(path)]
        path = self._any(broken)
        return {path: self._author.sound(path)} if path else {}

    def _move(self) -> Edits:
        path = self._any(self._agents())
        if path is None:
            return {}
        to = self.random.choice(self.ground.folders) + path.rpartition("/")[2]
        return {path: None, to: self.files[path]} if to != path else {}

    def _double(self) -> Edits:
        path = self._any(self._agents())
        to = self.random.choice(self.ground.folders) + path.rpartition("/")[2] if path else ""
        return {to: self._author.sound(to)} if to else {}

    def _prompt(self) -> Edits:
        path = self.random.choice(self.ground.prompts)
        made = (self._author.sound(path), self._author.sound(path), b"", b"\xff", None, UNREADABLE)
        return {path: self.random.choice(made[:-1] if self.ground.is_plain else made)}

    def _misname(self) -> Edits:
        if self.ground.is_plain:
            return {}
        path = self.random.choice(MISNAMED)
        return {path: None if path in self.files else b"{}"}

    def _commit(self) -> Edits:
        """Several of these at once, as a checkout does it."""
        edits: dict[str, Content | None] = {}
        for _ in range(self.random.randint(2, 6)):
            kind = self.random.choice(("edit", "add", "share", "remove", "break", "mend", "move", "prompt"))
            edits.update(self._edits(kind))
        return edits

    def _data(self, path: str) -> bytes:
        content = self.files[path]
        return content if isinstance(content, bytes) else b""

    def _any(self, paths: list[str]) -> str | None:
        return self.random.choice(paths) if paths else None


_KINDS: Final = {
    "edit": 20, "add": 8, "share": 10, "settle": 3, "touch_nothing": 2, "respell": 3, "remove": 8, "break": 12,
    "break_and_switch_off": 4, "mend": 10, "move": 4, "double": 2, "prompt": 8, "misname": 2, "commit": 8,
}  # fmt: skip
