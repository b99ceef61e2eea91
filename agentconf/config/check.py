"""Documents to a `ConfigTree`: their names, each by its schema, then the references between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from agentconf import codes
from agentconf.config import belongs, connections, references, shape, text
from agentconf.config.layers import make_ready
from agentconf.config.prompts import Prompts
from agentconf.config.tree import AgentFile, ConfigTree, Settings
from agentconf.diagnostic import Diagnostic, Related
from agentconf.document.build import SWITCHED_OFF
from agentconf.document.document import Document
from agentconf.keypath import parse
from agentconf.source import layout
from agentconf.source.layout import Kind, Misplaced, Place
from agentconf.source.tree import Tree

FORMAT: Final = 1
"""The newest format of a tree that this program reads."""


def check(tree: Tree, documents: Iterable[Document]) -> tuple[ConfigTree, list[Diagnostic]]:
    """The tree's parts, and everything that can be said before an environment is chosen.

    `documents` may be a part of the tree's: its shared layers and some of its agents.
    """
    checker = _Checker(tree)
    checker.names()
    checker.unread()
    for document in documents:
        checker.add(document)
    checker.findings.extend(references.findings(checker.config))
    checker.config.prompt_paths = tuple(sorted(checker.prompts.read))
    return checker.config, checker.findings


class _Checker:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.config = ConfigTree()
        self.findings: list[Diagnostic] = []
        self.prompts = Prompts(tree)
        self.places: dict[str, Place | Misplaced | None] = {}

    def names(self) -> None:
        """What the files' names say: the ids of all agents, and those given twice."""
        files: dict[tuple[Kind, str], str] = {}
        for path in self.tree.files:
            place = self.places[path] = layout.place(path)
            if isinstance(place, Misplaced):
                said = Diagnostic(codes.UNKNOWN_RESERVED_NAME, place.message, self.tree.shown(path), hint=place.hint)
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
        shown, other = self.tree.shown(second), self.tree.shown(first)
        is_agent = place.kind is Kind.AGENT
        what = f"have the agent id '{place.name}'" if is_agent else "are the same layer"
        agent = place.name if is_agent else None
        message, related = f"two files {what}: {other} and {shown}", (Related("the other one", other, 1, 1),)
        self.findings.append(
            Diagnostic(codes.DUPLICATE_ID, message, shown, agent=agent, hint="rename one of them", related=related)
        )
        self.config.unusable.update((first, second))

    def unread(self) -> None:
        """Files that could not be read stand in the tree all the same: what depends on them must not do without."""
        for fault in self.tree.faults:
            path = self.tree.below(fault.file)
            place = layout.place(path) if path else None
            if isinstance(place, Place):
                self.places[path] = place
                self.config.unusable.add(path)
                self._place(Document(path, fault.file, b"", {}, is_readable=False), place)
                if place.kind is Kind.AGENT:
                    self.config.agent_ids |= {place.name}
            self.findings.append(_with_place(fault, place) if isinstance(place, Place) else fault)

    def add(self, document: Document) -> None:
        place = self.places[document.path]
        if not isinstance(place, Place) or place.kind is Kind.LOCK:
            return
        found = self._document(document, place.kind)
        if found:
            self.findings.extend(_with_place(finding, place) for finding in found)
            if any(_spoils(finding, place) for finding in found):
                self.config.unusable.add(document.path)
        self._place(document, place)

    def _document(self, document: Document, kind: Kind) -> list[Diagnostic]:
        found = list(document.faults)
        if not document.is_readable:
            return found
        if kind is Kind.SETTINGS and _is_newer(document.value):
            return [*found, _newer_format(document)]
        if document.faults or not shape.is_well_formed(document, kind.value):
            found.extend(shape.findings(document, kind.value))
        if kind is not Kind.SETTINGS and kind is not Kind.MODELS:
            if text.is_worth_a_look(document):
                found.extend(self._closer_look(document))
            make_ready(document.value)
        return found

    def _closer_look(self, document: Document) -> Iterator[Diagnostic]:
        """At what few documents hold: secrets, prompts in files, connections of their own."""
        yield from text.findings(document)
        if "instructions_file" in document.noted:
            texts, found = self.prompts.of(document)
            self.config.prompts[document.path] = texts
            yield from found
        if any(connections.places(document.value)):
            self.config.has_own_connections = True

    def _place(self, document: Document, place: Place) -> None:
        config = self.config
        if place.kind is Kind.AGENT:
            self._agent(document, place)
        elif place.kind is Kind.DEFAULTS:
            config.defaults.setdefault(place.folder, document)
        elif place.kind is Kind.PROFILE:
            self._named(config.profiles, place, document)
        elif place.kind is Kind.ENVIRONMENT:
            self._named(config.environments, place, document)
        elif place.kind is Kind.MODELS:
            config.models = document
        elif place.kind is Kind.SETTINGS:
            config.settings = _settings(document)

    def _agent(self, document: Document, place: Place) -> None:
        name = place.name
        if not layout.ID.fullmatch(name) or name == layout.RESERVED_ID:
            self._spoil(document, _bad_id(document, name))
            return
        self.config.agents.setdefault(name, AgentFile(name, place.folder, document))

    def _named(self, there: dict[str, Document], place: Place, document: Document) -> None:
        if belongs.is_entry_name(place.name) and not place.name.startswith(SWITCHED_OFF):
            there.setdefault(place.name, document)
        else:
            message = f"'{place.name}' is no name for a file of this folder"
            hint = "use letters, digits, '.', '_' and '-', at most 64 of them"
            self._spoil(document, Diagnostic(codes.INVALID_ID, message, document.file, hint=hint))

    def _spoil(self, document: Document, finding: Diagnostic) -> None:
        self.findings.append(finding)
        self.config.unusable.add(document.path)


def _with_place(finding: Diagnostic, place: Place) -> Diagnostic:
    """A finding in an agent's file is about that agent; one in an environment's file or block, about it."""
    if place.kind is Kind.ENVIRONMENT:
        return replace(finding, environment=place.name)
    if place.kind is Kind.AGENT:
        return replace(finding, agent=place.name, environment=_block_environment(finding))
    return finding


def _block_environment(finding: Diagnostic) -> str | None:
    """The environment whose block in an agent's file a finding is about."""
    if not finding.key or not finding.key.startswith("environments"):
        return None
    try:
        path = parse(finding.key)
    except ValueError:  # part of it was hidden, since it looks like a key
        return None
    return str(path[1]) if len(path) > 1 and belongs.is_entry_name(str(path[1])) else None


def _spoils(finding: Diagnostic, place: Place) -> bool:
    """Whether a document is unusable for it. What an environment's own block says is judged with that environment."""
    return finding.is_error and not (place.kind is Kind.AGENT and _block_environment(finding))


def _is_newer(value: dict[str, Any]) -> bool:
    said = value.get("format")
    return isinstance(said, int | float) and said > FORMAT


def _newer_format(document: Document) -> Diagnostic:
    said = document.value["format"]
    message = f"this tree has format {said}; this agentconf reads formats up to {FORMAT}"
    span = document.value_span(("format",))
    return Diagnostic(codes.NEWER_FORMAT, message, document.file, span, "format", hint="use a newer agentconf")


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
        is_newer=_is_newer(document.value),
        is_readable=document.is_readable,
    )


def _bad_id(document: Document, name: str) -> Diagnostic:
    if name == layout.RESERVED_ID:
        message, hint = "the id 'default' is reserved", "rename the file; _settings.yaml names the default agent"
    else:
        message = f"'{name[:80]}' is not an agent's id: a file is named by lower-case letters, digits, '.', '_' and '-'"
        better = layout.suggested_id(name)
        hint = f"rename it to {better}.yaml" if better else "rename it"
    return Diagnostic(codes.INVALID_ID, message, document.file, hint=hint)
