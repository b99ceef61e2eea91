"""Safeguards that a change loosens itself: policies, rules, excuses, secrets, providers. Always of high risk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentconf.config.shown import shown_value
from agentconf.config.tree import ConfigTree
from agentconf.diff.change import Cause, Change, Meaning, MeaningKind, Risk
from agentconf.document.document import Document
from agentconf.keypath import KeyPath, render
from agentconf.pipeline import Draft

SETTINGS = "_settings"
_ORDER = {"off": 0, "warning": 1, "error": 2}


def loosened(base: Draft, head: Draft) -> Iterator[Change]:
    """What the tree says of itself that differs, with what it comes to."""
    old, new = _said(base), _said(head)
    yield from _policies(old, new)
    yield from _rules(old, new)
    yield from _secrets(old, new)
    yield from _ceilings(old, new)
    yield from _environments(old, new)
    yield from _default_agent(old, new)
    yield from _excuses(base.config, head.config)
    yield from _providers(base.config, head.config)
    yield from _metadata_schema(base, head)


class _Settings:
    """The settings of one side, and where they stand."""

    def __init__(self, draft: Draft) -> None:
        self.document = draft.config.settings.document
        value = self.document.value if self.document is not None else {}
        self.value: dict[str, Any] = value
        policies = value.get("policies")
        listed = policies if isinstance(policies, list) else []
        self.policies = {str(one.get("id")): (index, one) for index, one in enumerate(listed) if isinstance(one, dict)}

    def mapping(self, key: str) -> dict[str, Any]:
        value = self.value.get(key)
        return value if isinstance(value, dict) else {}

    def place(self, path: KeyPath) -> Cause | None:
        return None if self.document is None else _place(self.document, path)


def _said(draft: Draft) -> _Settings:
    return _Settings(draft)


def _place(document: Document, path: KeyPath) -> Cause:
    return Cause(document.file, document.key_span(path).line if path else 1)


def _change(path: KeyPath, values: tuple[Any, Any], cause: Cause | None, meaning: Meaning) -> Change:
    old, new = (shown_value(path, one) for one in values)
    return Change(None, None, "changed", render((SETTINGS, *path)), old, new, cause, (meaning,))


def _policies(old: _Settings, new: _Settings) -> Iterator[Change]:
    for name, (index, policy) in old.policies.items():
        if name not in new.policies:
            meaning = Meaning("policy", "high", f"the policy '{name}' is gone")
            yield _change(("policies", index), (policy, None), old.place(("policies", index)), meaning)
        elif new.policies[name][1] != policy:
            at, after = new.policies[name]
            meaning = Meaning("policy", "high", f"the policy '{name}' {_weakened(policy, after)}")
            yield _change(("policies", at), (policy, after), new.place(("policies", at)), meaning)
    for name, (index, policy) in new.policies.items():
        if name not in old.policies:
            meaning = Meaning("policy", "none", f"a new policy '{name}'")
            yield _change(("policies", index), (None, policy), new.place(("policies", index)), meaning)


def _weakened(old: dict[str, Any], new: dict[str, Any]) -> str:
    if old.get("severity", "error") == "error" != new.get("severity", "error"):
        return "is a warning now"
    return "says something else: " + ", ".join(key for key in ("when", "require") if old.get(key) != new.get(key))


def _rules(old: _Settings, new: _Settings) -> Iterator[Change]:
    before, after = old.mapping("rules"), new.mapping("rules")
    for name in dict.fromkeys((*after, *before)):
        one, other = before.get(name), after.get(name)
        if one != other:
            is_less = _ORDER.get(str(other), 1) < _ORDER.get(str(one), 2)
            risk: Risk = "high" if is_less else "none"
            text = f"the rule '{name}' is {other or 'as severe as by default'} (was {one or 'by default'})"
            cause = new.place(("rules", name)) if name in after else old.place(("rules", name))
            yield _change(("rules", name), (one, other), cause, Meaning("rule", risk, text))


def _secrets(old: _Settings, new: _Settings) -> Iterator[Change]:
    before, after = old.mapping("secrets"), new.mapping("secrets")
    for key in ("env", "files"):
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        is_wider = one is not None and (other is None or not set(map(str, other)) <= set(map(str, one)))
        text = f"references may name {'more than before' if is_wider else 'less'} ({key})"
        cause = new.place(("secrets", key)) if other is not None else old.place(("secrets", key))
        yield _change(("secrets", key), (one, other), cause, Meaning("key", "high" if is_wider else "none", text))


def _ceilings(old: _Settings, new: _Settings) -> Iterator[Change]:
    for key in ("max_tokens_ceiling", "chain_cost_factor"):
        one, other = old.value.get(key), new.value.get(key)
        if one != other:
            is_raised = one is not None and (other is None or other > one)
            cause = new.place((key,)) if other is not None else old.place((key,))
            kind: MeaningKind = "limit" if key == "max_tokens_ceiling" else "price"
            text = f"{key.replace('_', ' ')}: {one or 'by default'} to {other or 'by default'}"
            yield _change((key,), (one, other), cause, Meaning(kind, "high" if is_raised else "none", text))


def _environments(old: _Settings, new: _Settings) -> Iterator[Change]:
    one, other = old.value.get("environments"), new.value.get("environments")
    if one != other:
        lost = [name for name in one or () if name not in (other or ())] if other is not None else []
        text = f"no longer checked: {', '.join(map(str, lost))}" if lost else "the environments that are checked differ"
        cause = new.place(("environments",)) if other is not None else old.place(("environments",))
        yield _change(("environments",), (one, other), cause, Meaning("rule", "high" if lost else "none", text))


def _default_agent(old: _Settings, new: _Settings) -> Iterator[Change]:
    one, other = old.value.get("default_agent"), new.value.get("default_agent")
    if one != other:
        text = f"who asks for an unknown agent gets {other or 'an error'} (was {one or 'an error'})"
        cause = new.place(("default_agent",)) if other is not None else old.place(("default_agent",))
        yield _change(("default_agent",), (one, other), cause, Meaning("enabled", "medium", text))


def _excuses(base: ConfigTree, head: ConfigTree) -> Iterator[Change]:
    """By what they excuse and in which file: a line that only moved is the same."""
    old = [said for said, _ in _excused(base)]
    for said, cause in _excused(head):
        if said in old:
            old.remove(said)
        else:
            meaning = Meaning("rule", "high", f"a line is excused from '{said[1]}'")
            yield Change(None, None, "changed", None, None, None, cause, (meaning,))


def _excused(config: ConfigTree) -> Iterator[tuple[tuple[str, str], Cause]]:
    for excuse in (one for group in config.excuses.values() for one in group):
        for name in excuse.names:
            yield (excuse.file.rpartition("/")[2], name), Cause(excuse.file, excuse.span.line)


def _metadata_schema(base: Draft, head: Draft) -> Iterator[Change]:
    """The organisation's schema of `metadata`, which lies beside the tree."""
    old, new = base.tree.metadata_schema, head.tree.metadata_schema
    if old != new:
        there = new or old
        what = "is gone" if new is None else "is new" if old is None else "says something else"
        meaning = Meaning("policy", "none" if old is None else "high", f"the schema of metadata {what}")
        cause = Cause(there.file, 1) if there is not None else None
        yield Change(None, None, "changed", None, None, None, cause, (meaning,))


def _providers(base: ConfigTree, head: ConfigTree) -> Iterator[Change]:
    """Providers that are new in a shared layer, or reached at another address."""
    old, new = _declared(base), _declared(head)
    for place, (entry, cause) in new.items():
        name, path = place[-1], place[1:]
        before = old[place][0] if place in old else None
        if before is None:
            text = f"the provider '{name}' may be used from now on"
        elif any(before.get(key) != entry.get(key) for key in ("type", "api_base")):
            text = f"the provider '{name}' is reached at {entry.get('api_base') or 'its own address'}"
        else:
            continue
        values = (None if before is None else shown_value(path, before)), shown_value(path, entry)
        yield Change(None, None, "changed", render(path), *values, cause, (Meaning("provider", "high", text),))


def _declared(config: ConfigTree) -> dict[tuple[str, ...], tuple[dict[str, Any], Cause]]:
    """Each declared provider by the file and the path where it stands."""
    found: dict[tuple[str, ...], tuple[dict[str, Any], Cause]] = {}
    for document in config.shared_documents():
        for path in ((), ("defaults",), ("overrides",)):
            block: Any = document.value
            for step in path:
                block = block.get(step) if isinstance(block, dict) else None
            providers = block.get("providers") if isinstance(block, dict) else None
            for name, entry in providers.items() if isinstance(providers, dict) else ():
                if isinstance(entry, dict):
                    at = (*path, "providers", name)
                    found[document.path, *at] = (entry, _place(document, at))
    return found
