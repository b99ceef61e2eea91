"""Documents to a `ConfigTree`: each by its schema, then names and references between them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from agentconf import codes
from agentconf.config import belongs, shape, text
from agentconf.config.layers import make_ready
from agentconf.config.lineage import cycles, extended
from agentconf.config.tree import AgentFile, ConfigTree, Settings
from agentconf.diagnostic import Diagnostic, Related
from agentconf.document.document import Document
from agentconf.keypath import KeyPath, render
from agentconf.source import layout
from agentconf.source.layout import Kind, Place
from agentconf.source.tree import Tree, Unread
from agentconf.suggest import did_you_mean

FORMAT: Final = 1
"""The newest format of a tree that this program reads."""


def check(tree: Tree, documents: Iterable[Document]) -> tuple[ConfigTree, list[Diagnostic]]:
    """The tree's parts, and everything that can be said before an environment is chosen.

    `documents` may be a part of the tree's: its shared layers and some of its agents.
    """
    checker = _Checker(tree)
    checker.names()
    for document in documents:
        checker.add(document)
    checker.references()
    checker.config.prompt_paths = tuple(sorted(checker.prompts))
    return checker.config, checker.findings


class _Checker:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.config = ConfigTree()
        self.findings: list[Diagnostic] = list(tree.faults)
        self.prompts: dict[str, str | Unread] = {}
        self.places: dict[str, Place | layout.Misplaced | None] = {}

    def names(self) -> None:
        """What the files' names say: the ids of all agents, and those given twice."""
        files: dict[tuple[Kind, str], str] = {}
        for path in self.tree.files:
            place = self.places[path] = layout.place(path)
            if isinstance(place, Place):
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

    def add(self, document: Document) -> None:
        place = self.places[document.path]
        if not isinstance(place, Place) or place.kind is Kind.LOCK:
            return
        found = list(self._document(document, place.kind))
        if found:
            self.findings.extend(_with_place(finding, place) for finding in found)
            if any(_spoils(finding, place) for finding in found):
                self.config.unusable.add(document.path)
        self._place(document, place)

    def _document(self, document: Document, kind: Kind) -> Iterator[Diagnostic]:
        yield from document.faults
        if not document.is_readable:
            return
        if kind is Kind.SETTINGS and _is_newer(document.value):
            yield _newer_format(document)
            return
        if document.faults or not shape.is_well_formed(document, kind.value):
            yield from shape.findings(document, kind.value)
        if kind is not Kind.SETTINGS and kind is not Kind.MODELS:
            yield from text.findings(document)
            if "instructions_file" in document.noted:
                yield from self._read_prompts(document)
            make_ready(document.value)

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
            config.settings = _settings(document, document.path not in config.unusable)

    def _agent(self, document: Document, place: Place) -> None:
        name = place.name
        if not layout.ID.fullmatch(name) or name == layout.RESERVED_ID:
            self._spoil(document, _bad_id(document, name))
            return
        self.config.agents.setdefault(name, AgentFile(name, place.folder, document))

    def _named(self, there: dict[str, Document], place: Place, document: Document) -> None:
        if belongs.is_entry_name(place.name):
            there.setdefault(place.name, document)
        else:
            message = f"'{place.name}' is no name for a file of this folder"
            hint = "use letters, digits, '.', '_' and '-', at most 64 of them"
            self._spoil(document, Diagnostic(codes.INVALID_ID, message, document.file, hint=hint))

    def _spoil(self, document: Document, finding: Diagnostic) -> None:
        self.findings.append(finding)
        self.config.unusable.add(document.path)

    # -- prompts

    def _read_prompts(self, document: Document) -> Iterator[Diagnostic]:
        texts: dict[str, str] = {}
        for path, file in _prompt_files(document.value):
            said = self._prompt(document, file)
            if isinstance(said, Unread):
                yield _unread_prompt(document, path, file, said)
            else:
                texts[file] = said
        if texts:
            self.config.prompts[document.path] = texts

    def _prompt(self, document: Document, file: str) -> str | Unread:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), file))
        if file.startswith("/") or target.startswith("..") or "\x00" in file:
            return Unread("it lies outside of the tree")
        if target not in self.prompts:
            self.prompts[target] = _decoded(self.tree.open_prompt(target))
        return self.prompts[target]

    # -- references between files

    def references(self) -> None:
        """Profiles, environments and the default agent must exist; profiles must not extend each other in a circle."""
        extending = {id(agent.document): agent.document for agent in self.config.agents.values() if "extends" in agent.document.value}
        for document in (*extending.values(), *self.config.profiles.values()):
            self._extends(document)
        self._cycles()
        for agent in self.config.agents.values():
            if "environments" in agent.document.value:
                self._environments(agent)
        self._default_agent()

    def _extends(self, document: Document) -> None:
        names = document.value.get("extends")
        for index, name in enumerate(extended(document.value)):
            if isinstance(name, str) and name not in self.config.profiles:
                path: KeyPath = ("extends", index) if isinstance(names, list) else ("extends",)
                hint = did_you_mean(name, self.config.profiles) or f"add _profiles/{name[:64]}.yaml"
                message = f"there is no profile '{name[:64]}'"
                place = self.places[document.path]
                agent = place.name if isinstance(place, Place) and place.kind is Kind.AGENT else None
                self._spoil(document, Diagnostic(
                    codes.UNKNOWN_PROFILE, message, document.file, document.value_span(path), render(path), agent, hint=hint))  # fmt: skip

    def _cycles(self) -> None:
        for way in cycles(self.config.profiles):
            document = self.config.profiles[way[-2]]
            names = document.value.get("extends")
            path: KeyPath = ("extends", names.index(way[-1])) if isinstance(names, list) else ("extends",)
            message = f"profiles extend each other in a circle: {' -> '.join(way[:12])}"
            span = document.value_span(path)
            self._spoil(document, Diagnostic(codes.PROFILE_CYCLE, message, document.file, span, render(path), hint="break it here"))
            self.config.unusable.update(self.config.profiles[name].path for name in way)

    def _environments(self, agent: AgentFile) -> None:
        known = self.config.known_environments
        blocks = agent.document.value["environments"]
        for name in blocks if isinstance(blocks, dict) else ():
            if name not in known and not name.startswith("x-"):
                path = ("environments", name)
                hint = did_you_mean(name, known) or f"add _environments/{name[:64]}.yaml, or list it in _settings.yaml"
                message = f"there is no environment '{name[:64]}'"
                span = agent.document.key_span(path)
                self._spoil(agent.document, Diagnostic(
                    codes.UNKNOWN_ENVIRONMENT, message, agent.document.file, span, render(path), agent.id, hint=hint))  # fmt: skip

    def _default_agent(self) -> None:
        settings = self.config.settings
        name, document = settings.default_agent, settings.document
        if name is not None and document is not None and name not in self.config.agent_ids:
            hint = did_you_mean(name, self.config.agent_ids) or "name an agent of this tree by its id"
            span = document.value_span(("default_agent",))
            message = f"there is no agent '{name}'"
            self.findings.append(Diagnostic(codes.UNKNOWN_DEFAULT_AGENT, message, document.file, span, "default_agent", hint=hint))


def _with_place(finding: Diagnostic, place: Place) -> Diagnostic:
    """A finding in an agent's file is about that agent; one in an environment's file or block, about that environment."""
    if place.kind is Kind.ENVIRONMENT:
        return replace(finding, environment=place.name)
    if place.kind is Kind.AGENT:
        return replace(finding, agent=place.name, environment=_block_environment(finding))
    return finding


def _block_environment(finding: Diagnostic) -> str | None:
    key = finding.key or ""
    return key.split(".")[1] if key.startswith("environments.") and "[" not in key.split(".")[1] and key.count(".") > 1 else None


def _spoils(finding: Diagnostic, place: Place) -> bool:
    """Whether a document is unusable for it. What an environment's own block says is judged with that environment."""
    return finding.is_error and not (place.kind is Kind.AGENT and _block_environment(finding))


def _is_newer(value: dict[str, Any]) -> bool:
    return isinstance(value.get("format"), int) and value["format"] > FORMAT


def _newer_format(document: Document) -> Diagnostic:
    said = document.value["format"]
    message = f"this tree has format {said}; this agentconf reads formats up to {FORMAT}"
    span = document.value_span(("format",))
    return Diagnostic(codes.NEWER_FORMAT, message, document.file, span, "format", hint="use a newer agentconf")


def _settings(document: Document, is_usable: bool) -> Settings:
    value = document.value if is_usable else {}
    environments = value.get("environments")
    names = tuple(environments) if isinstance(environments, list) else None
    return Settings(value.get("default_agent"), names, document)


def _bad_id(document: Document, name: str) -> Diagnostic:
    if name == layout.RESERVED_ID:
        message, hint = "the id 'default' is reserved", "rename the file; _settings.yaml names the default agent"
    else:
        message = f"'{name[:80]}' is not an agent's id: a file is named by lower-case letters, digits, '.', '_' and '-'"
        better = layout.suggested_id(name)
        hint = f"rename it to {better}.yaml" if better else "rename it"
    return Diagnostic(codes.INVALID_ID, message, document.file, hint=hint)


def _prompt_files(value: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Every prompt file that a document names, with the place where it does."""
    blocks: list[tuple[KeyPath, Any]] = [((), value)]
    environments = value.get("environments")
    if isinstance(environments, dict):
        blocks += [(("environments", name), block) for name, block in environments.items()]
    blocks += [((name,), value.get(name)) for name in ("defaults", "overrides")]
    for path, block in blocks:
        if isinstance(block, dict) and isinstance(block.get("instructions_file"), str) and block["instructions_file"]:
            yield (*path, "instructions_file"), block["instructions_file"]


def _decoded(data: bytes | Unread) -> str | Unread:
    if isinstance(data, Unread):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unread("it is not UTF-8 text")


def _unread_prompt(document: Document, path: KeyPath, file: str, why: Unread) -> Diagnostic:
    message = f"cannot use the prompt file '{file[:80]}': {why.reason}"
    hint = "name a text file of at most 256 KiB inside the tree, relative to this file"
    return Diagnostic(codes.UNREADABLE_PROMPT, message, document.file, document.value_span(path), render(path), hint=hint)
