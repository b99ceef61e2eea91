"""`metadata` against the organisation's own schema, `schema/metadata.schema.json` beside the tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agentconf import codes
from agentconf.config.caps import capped
from agentconf.config.metadata_schema import MetadataSchema, NotASchema, Refusal, document_of
from agentconf.config.provenance import place_of, spoken
from agentconf.config.resolve import Resolved, Resolver
from agentconf.diagnostic import START, Diagnostic, Span
from agentconf.keypath import KeyPath, render
from agentconf.source.tree import Beside, Unread


@dataclass(frozen=True, slots=True)
class MetadataCheck:
    """The schema of a tree, where it has one that can be used, and what is wrong with it where it cannot."""

    schema: MetadataSchema | None = None
    findings: tuple[Diagnostic, ...] = ()


@lru_cache(maxsize=4)
def metadata_check_of(file: Beside) -> MetadataCheck:
    """What metadata is checked against, compiled once for all environments."""
    try:
        if isinstance(file.data, Unread):
            raise NotASchema(f"this file is not read: {file.data.reason}")
        return MetadataCheck(MetadataSchema(file.data))
    except NotASchema as error:
        return MetadataCheck(None, (_unusable(file, error),))


def metadata_findings(check: MetadataCheck, resolver: Resolver, agent: Resolved) -> Iterator[Diagnostic]:
    """What the schema has against an agent's metadata, each on the line that wrote it, whichever file that is."""
    schema = check.schema
    metadata = agent.config.get("metadata") or {}
    if schema is not None and not schema.accepts(metadata):
        found = (_finding(refusal, resolver, agent) for refusal in schema.refusals(metadata))
        yield from capped(found, agent.file)


def _unusable(beside: Beside, error: NotASchema) -> Diagnostic:
    file, data = beside.file, beside.data
    document = document_of(data, file) if isinstance(data, bytes) else None
    span = document.value_span(error.path) if document is not None and error.path else START
    key = render(error.path) or None
    return Diagnostic(codes.INVALID_METADATA_SCHEMA, error.said, file, span, key, hint=error.hint)


def _finding(refusal: Refusal, resolver: Resolver, agent: Resolved) -> Diagnostic:
    path: KeyPath = ("metadata", *refusal.path)
    file, span = _place(refusal, resolver, agent, path)
    return Diagnostic(
        codes.METADATA_SCHEMA, refusal.said, file, span, render(path), agent.id, agent.environment, refusal.hint
    )


def _place(refusal: Refusal, resolver: Resolver, agent: Resolved, path: KeyPath) -> tuple[str, Span]:
    if refusal.is_key:
        for said in reversed(spoken(resolver, agent, path)):
            if said.wins and said.layer.document is not None and said.at is not None:
                return said.layer.document.file, said.layer.document.key_span(said.at)
    file, span = place_of(resolver, agent, path)
    return file, span if span is not None else agent.agent_file.document.value_span(())
