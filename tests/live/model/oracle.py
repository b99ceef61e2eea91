"""What ought to be served: a cold load of the tree, and of what is bad in it the value when it was last good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from agentconf import codes, pipeline
from agentconf.config.agent import Agent
from agentconf.diagnostic import Diagnostic
from agentconf.errors import UnknownEnvironment
from agentconf.live.content import Content, only_bytes
from agentconf.live.load import seal
from agentconf.snapshot.digest import agent_digest, tree_digest
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source import layout
from agentconf.source.folder import fault_of
from agentconf.source.layout import Kind, Misplaced, Place
from agentconf.source.tree import Origin, Tree, Unread
from agentconf.source.walk import Walker
from tests.live.model.trees import Files, value_of

OFF: Final = agent_digest({"enabled": False})
SHOWN_AS: Final = "agents.d"


def tree_from(files: Files, shown_as: str = SHOWN_AS) -> Tree:
    """The tree that a folder with these files is read as."""
    walker = Walker(shown_as, shown_as)
    places = {path: layout.place(path) for path in files}
    config = {path: content for path, content in files.items() if isinstance(places[path], Place)}
    faults = [fault_of(walker, path, why) for path, why in config.items() if isinstance(why, Unread)]
    for path, place in places.items():
        if isinstance(place, Misplaced):
            faults.append(walker.fault(codes.UNKNOWN_RESERVED_NAME, path, place.message, place.hint))

    def open_prompt(path: str) -> Content:
        return files.get(path, Unread("no such file or directory"))

    return Tree(Origin("folder", shown_as), shown_as, only_bytes(config), tuple(faults), open_prompt)


@dataclass(slots=True)
class Cold:
    """A tree loaded from nothing. `snapshot` is None where it does not have the environment."""

    files: Files
    snapshot: Snapshot | None
    refused: frozenset[str] = frozenset()
    is_applicable: bool = True

    @property
    def errors(self) -> set[Diagnostic]:
        return {one for one in self.snapshot.diagnostics if one.is_error} if self.snapshot is not None else set()


def cold(files: Files, environment: str | None, shown_as: str = SHOWN_AS) -> Cold:
    draft = pipeline.draft(tree_from(files, shown_as))
    try:
        snapshot = seal(draft, environment)
    except UnknownEnvironment:
        return Cold(files, None, is_applicable=False)
    refused = frozenset(draft.config.agents.keys() - snapshot.digests.keys())
    is_sound = not refused and not any(one.is_error and one.rule.refuses for one in snapshot.diagnostics)
    return Cold(files, snapshot, refused, is_sound)


@dataclass(slots=True)
class Served:
    """One agent as it is served: None while it is off. `files` are those of the tree in which it was last good."""

    agent: Agent | None
    digest: str
    good: Agent | None
    files: Files


@dataclass(slots=True)
class Oracle:
    """What ought to be served, tree after tree."""

    environment: str | None
    is_transactional: bool = False
    served: dict[str, Served] = field(default_factory=dict)
    default_agent: str | None = None

    def apply(self, tree: Cold) -> bool:
        """The next tree. Whether anything of it may be applied."""
        if tree.snapshot is None or (self.is_transactional and not tree.is_applicable):
            return False
        before, self.served = self.served, {}
        for name, digest in tree.snapshot.digests.items():
            agent = tree.snapshot.get(name)
            self.served[name] = Served(agent, digest, agent, tree.files)
        for name in tree.refused & before.keys():
            self.served[name] = self._held(before[name], name, tree.files)
        self.default_agent = _default_agent(tree.files)
        return True

    @property
    def agents(self) -> dict[str, Agent]:
        return {name: one.agent for name, one in self.served.items() if one.agent is not None}

    @property
    def digests(self) -> dict[str, str]:
        return {name: one.digest if one.agent is not None else OFF for name, one in self.served.items()}

    @property
    def digest(self) -> str:
        return tree_digest(self.digests, self.default_agent)

    def _held(self, last: Served, name: str, files: Files) -> Served:
        is_off = enabled(name, files, last.files, self.environment) is False
        return Served(None if is_off else last.good, last.digest, last.good, last.files)


def _default_agent(files: Files) -> str | None:
    said = (value_of(files.get("_settings.yaml")) or {}).get("default_agent")
    return said if isinstance(said, str) else None


# -- `enabled: false` reaches an agent that is refused


def enabled(name: str, files: Files, last: Files, environment: str | None) -> bool | None:
    """What the layers of an agent say of `enabled`; of a layer that cannot be read, what it said when all was well."""

    def said(path: str) -> dict[str, Any]:
        value = value_of(files[path]) if path in files else {}
        return (value_of(last.get(path)) or {}) if value is None else value

    value: bool | None = None
    for block in _blocks(name, files, said, environment):
        if "enabled" in block and (block["enabled"] is None or isinstance(block["enabled"], bool)):
            value = block["enabled"]
    return value


def _blocks(name: str, files: Files, said: Any, environment: str | None) -> Iterator[dict[str, Any]]:
    path = agent_path(name, files)
    folder = path.rpartition("/")[0]
    yield said("_defaults.yaml")
    parts = folder.split("/") if folder else []
    for count in range(1, len(parts) + 1):
        yield said("/".join(parts[:count]) + "/_defaults.yaml")
    of_environment = said(f"_environments/{environment}.yaml") if environment else {}
    yield _block(of_environment, "defaults")
    own = said(path)
    for profile in _lineage(_names(own), said):
        yield said(f"_profiles/{profile}.yaml")
    yield own
    yield _block(of_environment, "overrides")
    yield _block(_block(own, "environments"), environment or "")


def _block(value: dict[str, Any], key: str) -> dict[str, Any]:
    block = value.get(key)
    return block if isinstance(block, dict) else {}


def _names(value: dict[str, Any]) -> list[str]:
    names = value.get("extends") or []
    return [names] if isinstance(names, str) else list(names)


def _lineage(names: Iterable[str], said: Any) -> list[str]:
    """Depth first, each once, where it comes last."""
    seen: list[str] = []
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.append(name)
            ahead += _names(said(f"_profiles/{name}.yaml"))
    return seen[::-1]


def unread(files: Files) -> list[str]:
    """The config files that could not be read."""
    return [path for path, content in files.items() if isinstance(content, Unread) and layout.place(path) is not None]


def agent_path(name: str, files: Files) -> str:
    """The file of an agent; of two that claim its id, the first. Those that could not be read come before all."""
    for path in (*unread(files), *files):
        place = layout.place(path)
        if isinstance(place, Place) and place.kind is Kind.AGENT and place.name == name:
            return path
    raise AssertionError(f"no file of {name}")
