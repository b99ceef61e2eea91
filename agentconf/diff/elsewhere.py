"""The line that caused what no value of an agent explains: facts about a model, a policy, a rule, metadata's schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentconf import codes
from agentconf.config.tree import ConfigTree
from agentconf.diagnostic import Diagnostic
from agentconf.diff.change import Cause
from agentconf.diff.meanings.said import Said
from agentconf.diff.sides import Pair, Side
from agentconf.document.document import Document
from agentconf.keypath import ABSENT, KeyPath, look_up
from agentconf.rules.view import AgentView

_ABOUT_MODELS = frozenset({"price", "context", "capability", "retirement", "parameter", "budget", "rule"})


def cause_elsewhere(before: Side, after: Side, said: Said, pair: Pair) -> Cause | None:
    """Where the new side writes it; what is gone, where the base wrote it. None where no such line differs."""
    finding = said.finding
    if finding is not None:
        found = _of_settings(before, after, finding) or _of_metadata_schema(before, after, finding)
        if found is not None:
            return found
    if said.meaning.kind not in _ABOUT_MODELS:
        return None
    return _of_models(before, after, list(_names(said.path, pair.after or pair.before)))


def _of_settings(before: Side, after: Side, finding: Diagnostic) -> Cause | None:
    """The policy, or the severity of the rule."""
    old, new = before.draft.config.settings.document, after.draft.config.settings.document
    ones = [_policy(document, finding.rule.alias) for document in (old, new)]
    if not any(ones):
        ones = [("rules", finding.rule.name)] * 2
    return _differing((old, ones[0]), (new, ones[1]))


def _policy(document: Document | None, name: str | None) -> KeyPath:
    policies = document.value.get("policies") if document is not None and name else None
    for index, policy in enumerate(policies if isinstance(policies, list) else ()):
        if isinstance(policy, dict) and policy.get("id") == name:
            return "policies", index
    return ()


def _of_metadata_schema(before: Side, after: Side, finding: Diagnostic) -> Cause | None:
    old, new = before.draft.tree.metadata_schema, after.draft.tree.metadata_schema
    there = new or old
    is_about_it = finding.code == codes.METADATA_SCHEMA.code and (old and old.data) != (new and new.data)
    return Cause(there.file, 1) if is_about_it and there is not None else None


def _of_models(before: Side, after: Side, names: list[str]) -> Cause | None:
    """The facts of the first of some models of which the tree's own files say something else now."""
    old, new = before.draft.config, after.draft.config
    for name in names:
        path = ("models", name)
        found = _differing((old.models, path), (new.models, path)) or _of_lock(old, new, name)
        if found is not None:
            return found
    return None


def _of_lock(old: ConfigTree, new: ConfigTree, name: str) -> Cause | None:
    """The lock is JSON that a program wrote: the model's own line tells where its facts begin."""
    ones = [_locked(config.lock, name) for config in (old, new)]
    if ones[0] == ones[1] or (old.lock is not None and new.lock is not None and old.lock.data == new.lock.data):
        return None
    document = new.lock if ones[1] else old.lock
    assert document is not None
    line = document.data.decode("utf-8", "replace").split(f'"{name}"', 1)[0].count("\n") + 1
    return Cause(document.file, line)


def _locked(document: Document | None, name: str) -> str:
    """What the lock says of a model, as text; empty where it says nothing."""
    text = document.data.decode("utf-8", "replace") if document is not None else ""
    _, there, behind = text.partition(f'"{name}"')
    return behind.split("}", 1)[0] if there else ""


def _differing(old: tuple[Document | None, KeyPath], new: tuple[Document | None, KeyPath]) -> Cause | None:
    said = [_value(*old), _value(*new)]
    if said[0] == said[1]:
        return None
    document, path = new if said[1] is not ABSENT else old
    assert document is not None
    span = document.value_span(path) if isinstance(path[-1], int) else document.key_span(path)
    return Cause(document.file, span.line)


def _value(document: Document | None, path: KeyPath) -> Any:
    return ABSENT if document is None or not path else look_up(document.value, path)


def _names(path: KeyPath, view: AgentView | None) -> Iterator[str]:
    """The models that a meaning may be about, that at its own path first, by both names that a catalogue knows."""
    entries = view.entries if view is not None else []
    for entry in sorted(entries, key=lambda one: one.path != path[: len(one.path)] or len(path) > len(one.path) + 1):
        yield entry.model
        yield f"{entry.provider_type}/{entry.model.partition('/')[2]}"
