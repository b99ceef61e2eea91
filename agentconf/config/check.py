"""Inspected documents to a `ConfigTree`: each in its place, names given once, references that exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentconf import codes
from agentconf.config import belongs, references
from agentconf.config.inspect import Inspected, is_layer_name, is_newer, unread, with_place
from agentconf.config.tree import ConfigTree, Settings
from agentconf.diagnostic import Diagnostic, Related
from agentconf.document.document import Document
from agentconf.progress import Progress, told
from agentconf.source import layout
from agentconf.source.layout import Kind, Misplaced, Place
from agentconf.source.tree import Tree


class Checked:
    """The tree's parts, and everything that can be said before an environment is chosen.

    `inspected`, by path, may be a part of the tree's documents: its shared layers and some of its agents.
    """

    def __init__(self, tree: Tree, inspected: Mapping[str, Inspected], progress: Progress | None = None) -> None:
        self.config = ConfigTree(metadata_schema=tree.metadata_schema)
        self.findings: list[Diagnostic] = []
        self._tree = tree
        self._names(inspected, progress)
        self._unread()
        for seen in told(inspected.values(), progress):
            self._add(seen)
        self.findings.extend(references.findings(self.config, progress))

    def _names(self, inspected: Mapping[str, Inspected], progress: Progress | None) -> None:
        """What the files' names say: the ids of all agents, those given twice, and files that nothing reads."""
        files: dict[tuple[Kind, str], str] = {}
        for path in told(self._tree.files, progress):
            place = inspected[path].place if path in inspected else layout.place(path)
            if isinstance(place, Misplaced):
                said = Diagnostic(codes.UNKNOWN_RESERVED_NAME, place.message, self._tree.shown(path), hint=place.hint)
                self.findings.append(said)
            elif place is not None:
                # an id is unique in the whole tree; a shared layer is one file in its folder
                unique = place.name if place.kind is Kind.AGENT else f"{place.folder}/{place.name}"
                first = files.setdefault((place.kind, unique), path)
                if first != path:
                    self._twice(first, path, place)
        self.config.agent_ids = frozenset(name for kind, name in files if kind is Kind.AGENT)

    def _twice(self, first: str, second: str, place: Place) -> None:
        """Neither of two files with one name can be right, so both are unusable."""
        shown, other = self._tree.shown(second), self._tree.shown(first)
        is_agent = place.kind is Kind.AGENT
        what = f"have the agent id '{place.name}'" if is_agent else "are the same layer"
        agent = place.name if is_agent else None
        message, related = f"two files {what}: {other} and {shown}", (Related("the other one", other, 1, 1),)
        self.findings.append(
            Diagnostic(codes.DUPLICATE_ID, message, shown, agent=agent, hint="rename one of them", related=related)
        )
        self.config.unusable.update((first, second))

    def _unread(self) -> None:
        """Files that could not be read stand in the tree all the same: what depends on them must not do without."""
        for fault in self._tree.faults:
            path = self._tree.below(fault.file)
            place = layout.place(path) if path else None
            if isinstance(place, Place):
                self._add(unread(Document(path, fault.file, b"", {}, is_readable=False), place))
                if place.kind is Kind.AGENT:
                    self.config.agent_ids |= {place.name}
                self.findings.append(with_place(fault, place))
            else:
                self.findings.append(fault)

    def _add(self, seen: Inspected) -> None:
        config, document, place = self.config, seen.document, seen.place
        self.findings.extend(seen.findings)
        if not seen.is_usable:
            config.unusable.add(document.path)
        if seen.prompt_paths:
            config.prompts[document.path] = seen.prompts
            config.prompt_paths.update(seen.prompt_paths)
        if seen.excuses:
            config.excuses[document.file] = seen.excuses
        config.has_own_connections |= seen.has_own_connections
        if seen.agent is not None:
            config.agents.setdefault(seen.agent.id, seen.agent)
        else:
            self._add_shared(document, place)

    def _add_shared(self, document: Document, place: Place) -> None:
        config = self.config
        if place.kind is Kind.DEFAULTS:
            config.defaults.setdefault(place.folder, document)
        elif place.kind is Kind.PROFILE and is_layer_name(place.name):
            config.profiles.setdefault(place.name, document)
        elif place.kind is Kind.ENVIRONMENT and is_layer_name(place.name):
            config.environments.setdefault(place.name, document)
        elif place.kind is Kind.MODELS:
            config.models = document
        elif place.kind is Kind.LOCK:
            config.lock = document
        elif place.kind is Kind.SETTINGS:
            is_first = config.settings.document is None
            config.settings = _settings(document) if is_first else replace(config.settings, is_readable=False)


def exchanged(config: ConfigTree, pairs: Sequence[tuple[Inspected, Inspected]]) -> ConfigTree | None:
    """The parts of a tree with some documents exchanged; None where more than their own places may be touched.

    The same as checking the whole tree anew, at a hundredth of its cost, for the usual change: agents, defaults or
    environments that were right before and are right after.
    """
    fresh = replace(
        config,
        agents=dict(config.agents),
        defaults=dict(config.defaults),
        environments=dict(config.environments),
        excuses=dict(config.excuses),
        prompts=dict(config.prompts),
        prompt_paths=set(config.prompt_paths),
        _layers={},
    )
    for before, after in pairs:
        if not (_is_plainly_right(config, before) and _is_plainly_right(config, after)):
            return None
        if before.agent is not None and config.agents.get(before.agent.id) is not before.agent:
            return None  # a file that cannot be read has that id, and stands before it
        place, document = after.place, after.document
        if after.agent is not None:
            fresh.agents[after.agent.id] = after.agent
        elif place.kind is Kind.DEFAULTS:
            fresh.defaults[place.folder] = document
        else:
            fresh.environments[place.name] = document
        fresh.prompts.pop(document.path, None)
        if after.prompt_paths:
            fresh.prompts[document.path] = after.prompts
            fresh.prompt_paths.update(after.prompt_paths)
        fresh.excuses.pop(document.file, None)
        if after.excuses:
            fresh.excuses[document.file] = after.excuses
        fresh.has_own_connections |= after.has_own_connections
    return fresh


def _is_plainly_right(config: ConfigTree, seen: Inspected) -> bool:
    """Whether nothing was found in a document, nor in what it names, and nobody else can be touched by its names."""
    if seen.findings or seen.document.path in config.unusable:
        return False
    if seen.agent is None:
        return seen.place.kind in {Kind.DEFAULTS, Kind.ENVIRONMENT}
    probe = replace(config, unusable=set())  # who names what does not exist is marked there
    return not any(references.of_agent(probe, seen.agent, config.known_environments))


def _settings(document: Document) -> Settings:
    """What of the settings is well-formed: one mistake does not make the others unsaid."""
    environments = document.value.get("environments")
    names = None
    if isinstance(environments, list):
        names = tuple(name for name in environments if isinstance(name, str) and belongs.is_entry_name(name))
    default = document.value.get("default_agent")
    return Settings(
        default if isinstance(default, str) else None,
        names,
        document,
        is_newer=is_newer(document.value),
        is_readable=document.is_readable,
    )
