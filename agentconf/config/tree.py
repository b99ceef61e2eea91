"""The config tree: which file is which part, and the layers of an agent in an environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agentconf.config.layers import Layer, layer_of
from agentconf.config.lineage import extended, lineage
from agentconf.document.build import SWITCHED_OFF
from agentconf.document.document import Document
from agentconf.document.excuses import Excuse
from agentconf.source.tree import Beside

_ENVIRONMENT_BLOCKS = (("environment-defaults", "defaults"), ("environment-overrides", "overrides"))


@dataclass(slots=True)
class AgentFile:
    """An agent's own file."""

    id: str
    folder: str
    document: Document
    layer: Layer | None = None


@dataclass(slots=True)
class Settings:
    """The settings that the line itself needs."""

    default_agent: str | None = None
    environments: tuple[str, ...] | None = None
    document: Document | None = None
    is_newer: bool = False
    is_readable: bool = True
    """False where what they say is not known: the file cannot be read, or there are two of them."""


@dataclass(slots=True)
class ConfigTree:
    """The documents of a tree by their part in it.

    `agents` may be some of the tree's agents, `agent_ids` names them all. `unusable` holds the paths of documents with
    errors of their own.
    """

    settings: Settings = field(default_factory=Settings)
    defaults: dict[str, Document] = field(default_factory=dict)
    profiles: dict[str, Document] = field(default_factory=dict)
    environments: dict[str, Document] = field(default_factory=dict)
    agents: dict[str, AgentFile] = field(default_factory=dict)
    agent_ids: frozenset[str] = frozenset()
    models: Document | None = None
    lock: Document | None = None
    prompts: dict[str, dict[str, str]] = field(default_factory=dict)
    prompt_paths: set[str] = field(default_factory=set)
    excuses: dict[str, tuple[Excuse, ...]] = field(default_factory=dict)
    has_own_connections: bool = False
    metadata_schema: Beside | None = None
    unusable: set[str] = field(default_factory=set)
    _layers: dict[tuple[str, str], Layer | None] = field(default_factory=dict)

    @property
    def known_environments(self) -> frozenset[str]:
        """Every environment that may be named."""
        names = frozenset(self.environments) | frozenset(self.settings.environments or ())
        return frozenset(name for name in names if not name.startswith(SWITCHED_OFF))

    @property
    def checked_environments(self) -> tuple[str | None, ...]:
        """Those that must validate: the settings' list, else the files', else none alone."""
        names = (
            self.settings.environments if self.settings.environments is not None else tuple(sorted(self.environments))
        )
        return tuple(name for name in names if not name.startswith(SWITCHED_OFF)) or (None,)

    @property
    def has_good_settings(self) -> bool:
        """Whether nothing is wrong with the settings, or there are none."""
        document = self.settings.document
        return self.settings.is_readable and (document is None or document.path not in self.unusable)

    @property
    def declares_providers(self) -> bool:
        """Whether any shared layer declares a provider; the machine's layers take part only where none does.

        One that could not be read might.
        """
        return any(not document.is_readable or _declares(document.value) for document in self.shared_documents())

    def shared_documents(self) -> Iterator[Document]:
        """The defaults, profiles and environments: what agents may share."""
        yield from self.defaults.values()
        yield from self.profiles.values()
        yield from self.environments.values()

    def folders_of(self, folder: str) -> Iterator[str]:
        """The folders that hold a folder, outer first, the root ("") left out."""
        parts = folder.split("/") if folder else []
        for count in range(1, len(parts) + 1):
            yield "/".join(parts[:count])

    def shared_below(self, folder: str, environment: str | None) -> Iterator[tuple[str, Document]]:
        """The layers under the profiles, lowest first, by name and document."""
        for below in ("", *self.folders_of(folder)):
            if below in self.defaults:
                yield ("folder" if below else "defaults"), self.defaults[below]
        if environment in self.environments:
            yield "environment-defaults", self.environments[environment]

    def documents_of(self, agent: AgentFile, environment: str | None) -> Iterator[Document]:
        """Every document that an agent is made of, whether or not it says anything."""
        for _, document in self.shared_below(agent.folder, environment):
            yield document
        for name in lineage(extended(agent.document.value), self.profiles):
            yield self.profiles[name]
        yield agent.document

    def layer(self, name: str, document: Document) -> Layer | None:
        """The layer of a whole document, or of the block of an environment's file that `name` says; made once."""
        key = (name, document.path)
        if key not in self._layers:
            block = dict(_ENVIRONMENT_BLOCKS).get(name)
            self._layers[key] = self.fresh_layer(name, document, (block,) if block else ())
        return self._layers[key]

    def fresh_layer(self, name: str, document: Document, path: tuple[str, ...] = ()) -> Layer | None:
        return layer_of(name, document, path, self.prompts.get(document.path, {}))


def _declares(value: Any) -> bool:
    blocks = [value, value.get("defaults"), value.get("overrides")] if isinstance(value, dict) else []
    declared = [
        block["providers"] for block in blocks if isinstance(block, dict) and isinstance(block.get("providers"), dict)
    ]
    return any(
        entry is not None and not name.startswith(SWITCHED_OFF)
        for providers in declared
        for name, entry in providers.items()
    )
