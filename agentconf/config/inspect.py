"""One document by itself: its name, its schema, and what few documents hold, such as secrets and prompt files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agentconf import codes
from agentconf.config import belongs, connections, shape, text
from agentconf.config.layers import make_ready
from agentconf.config.prompts import Prompts
from agentconf.config.tree import AgentFile
from agentconf.diagnostic import Diagnostic
from agentconf.document.build import SWITCHED_OFF
from agentconf.document.document import Document
from agentconf.document.excuses import Excuse, excuses, is_excused
from agentconf.keypath import parse
from agentconf.source import layout
from agentconf.source.layout import Kind, Place

FORMAT: Final = 1
"""The newest format of a tree that this program reads."""


@dataclass(slots=True)
class Inspected:
    """A document with all that can be said of it alone: it stays true until the document or a prompt of it changes.

    `agent` is the agent that it is, where its name is one; `prompts` the texts that it names, by the paths as it
    writes them, and `prompt_paths` the same files by their paths in the tree.
    """

    document: Document
    place: Place
    findings: list[Diagnostic] = field(default_factory=list)
    is_usable: bool = True
    agent: AgentFile | None = None
    prompts: dict[str, str] = field(default_factory=dict)
    prompt_paths: tuple[str, ...] = ()
    has_own_connections: bool = False
    excuses: tuple[Excuse, ...] = ()


def inspect(document: Document, place: Place, prompts: Prompts) -> Inspected:
    """Everything that can be said of one document without the others."""
    seen = Inspected(document, place)
    if place.kind is not Kind.LOCK:
        seen.excuses = excuses(document)
        found = _document(seen, prompts)
        if found:
            seen.findings = [with_place(finding, place) for finding in found]
            seen.is_usable = not any(_spoils(finding, seen) for finding in seen.findings)
    _name(seen)
    return seen


def unread(document: Document, place: Place) -> Inspected:
    """A file that could not be read; the fault itself is the tree's."""
    seen = Inspected(document, place, is_usable=False)
    _name(seen)
    return seen


def _document(seen: Inspected, prompts: Prompts) -> list[Diagnostic]:
    document, kind = seen.document, seen.place.kind
    found = list(document.faults)
    if not document.is_readable:
        return found
    if kind is Kind.SETTINGS and is_newer(document.value):
        return [*found, _newer_format(document)]
    if document.faults or not shape.is_well_formed(document, kind.value):
        found.extend(shape.findings(document, kind.value))
    if kind is not Kind.SETTINGS and kind is not Kind.MODELS:
        if text.is_worth_a_look(document):
            found.extend(_closer_look(seen, prompts))
        make_ready(document.value)
    return found


def _closer_look(seen: Inspected, prompts: Prompts) -> Iterator[Diagnostic]:
    """At what few documents hold: secrets, prompts in files, connections of their own."""
    document = seen.document
    yield from text.findings(document)
    if "instructions_file" in document.noted:
        seen.prompts, seen.prompt_paths, found = prompts.of(document)
        yield from found
    seen.has_own_connections = any(connections.places(document.value))


def _name(seen: Inspected) -> None:
    """The document's part in the tree by its name, or why it has none."""
    document, place = seen.document, seen.place
    if place.kind is Kind.AGENT:
        if layout.ID.fullmatch(place.name) and place.name != layout.RESERVED_ID:
            seen.agent = AgentFile(place.name, place.folder, document)
        else:
            _spoil(seen, _bad_id(document, place.name))
    elif place.kind in {Kind.PROFILE, Kind.ENVIRONMENT} and not is_layer_name(place.name):
        message = f"'{place.name}' is no name for a file of this folder"
        hint = "use letters, digits, '.', '_' and '-', at most 64 of them"
        _spoil(seen, Diagnostic(codes.INVALID_ID, message, document.file, hint=hint))


def is_layer_name(name: str) -> bool:
    """Whether a profile or an environment may have this name."""
    return belongs.is_entry_name(name) and not name.startswith(SWITCHED_OFF)


def _spoil(seen: Inspected, finding: Diagnostic) -> None:
    seen.findings.append(finding)
    seen.is_usable = False


def with_place(finding: Diagnostic, place: Place) -> Diagnostic:
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


def _spoils(finding: Diagnostic, seen: Inspected) -> bool:
    """Whether a document is unusable for it. What an environment's own block says is judged with that environment."""
    if not finding.is_error or (seen.place.kind is Kind.AGENT and _block_environment(finding)):
        return False
    return not (finding.rule.can_be_excused and is_excused(finding, {seen.document.file: seen.excuses}))


def is_newer(value: dict[str, Any]) -> bool:
    said = value.get("format")
    return isinstance(said, int | float) and said > FORMAT


def _newer_format(document: Document) -> Diagnostic:
    said = document.value["format"]
    message = f"this tree has format {said}; this agentconf reads formats up to {FORMAT}"
    span = document.value_span(("format",))
    return Diagnostic(codes.NEWER_FORMAT, message, document.file, span, "format", hint="use a newer agentconf")


def _bad_id(document: Document, name: str) -> Diagnostic:
    if name == layout.RESERVED_ID:
        message, hint = "the id 'default' is reserved", "rename the file; _settings.yaml names the default agent"
    else:
        message = f"'{name[:80]}' is not an agent's id: a file is named by lower-case letters, digits, '.', '_' and '-'"
        better = layout.suggested_id(name)
        hint = f"rename it to {better}.yaml" if better else "rename it"
    return Diagnostic(codes.INVALID_ID, message, document.file, hint=hint)
