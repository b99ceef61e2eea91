"""Safeguards that a change loosens itself: settings, excuses, providers, the schema of metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from agentconf.config.shown import shown_value
from agentconf.config.tree import ConfigTree
from agentconf.diff.change import Cause, Change, Meaning
from agentconf.diff.excused import excused
from agentconf.diff.settings_change import settings_changes
from agentconf.keypath import KeyPath, render
from agentconf.pipeline import Draft

_BLOCKS = ((), ("defaults",), ("overrides",))


def loosened(base: Draft, head: Draft) -> Iterator[Change]:
    """What the tree says of itself that differs, with what it comes to."""
    yield from settings_changes(base, head)
    yield from _excuses(base, head)
    yield from _providers(base.config, head.config)
    yield from _metadata_schema(base, head)


def _excuses(base: Draft, head: Draft) -> Iterator[Change]:
    """By what they excuse and in which file: a line that only moved is the same."""
    known = Counter(said for said, _ in excused(base))
    for said, excuse in excused(head):
        if known[said]:
            known[said] -= 1
        else:
            meaning = Meaning("rule", "high", f"a line is excused from '{said[1]}'")
            yield Change(None, None, "changed", None, None, None, Cause(excuse.file, excuse.span.line), (meaning,))


def _metadata_schema(base: Draft, head: Draft) -> Iterator[Change]:
    """The organisation's schema of `metadata`, which lies beside the tree."""
    old, new = base.tree.metadata_schema, head.tree.metadata_schema
    there = new or old
    if there is not None and (old and old.data) != (new and new.data):
        what = "is gone" if new is None else "is new" if old is None else "says something else"
        meaning = Meaning("policy", "none" if old is None else "high", f"the schema of metadata {what}")
        yield Change(None, None, "changed", None, None, None, Cause(there.file, 1), (meaning,))


def _providers(base: ConfigTree, head: ConfigTree) -> Iterator[Change]:
    """Providers that are new in a shared layer, or reached at another address."""
    old, new = _declared(base), _declared(head)
    for place, (entry, cause) in new.items():
        path = place[1:]
        before = _before(old, place)
        if before is None:
            text = f"the provider '{place[-1]}' may be used from now on"
        elif _address(before) != _address(entry):
            text = f"the provider '{place[-1]}' is now reached at {entry.get('api_base') or 'its own address'}"
        else:
            continue
        values = (None if before is None else shown_value(path, before)), shown_value(path, entry)
        yield Change(None, None, "changed", render(path), *values, cause, (Meaning("provider", "high", text),))


def _before(old: dict[KeyPath, tuple[dict[str, Any], Cause]], place: KeyPath) -> dict[str, Any] | None:
    """The same provider there, or in the defaults of a folder that holds this one: then it could be used already."""
    folder, _, name = str(place[0]).rpartition("/")
    places = [place]
    while folder and name == "_defaults.yaml":
        folder = folder.rpartition("/")[0]
        places.append((f"{folder}/{name}".lstrip("/"), "providers", place[-1]))
    places.append(("_defaults.yaml", "providers", place[-1]))
    return next((old[one][0] for one in places if one in old), None)


def _address(entry: dict[str, Any]) -> tuple[Any, ...]:
    return entry.get("type"), entry.get("api_base")


def _declared(config: ConfigTree) -> dict[KeyPath, tuple[dict[str, Any], Cause]]:
    """Each declared provider by the file and the path where it stands."""
    found: dict[KeyPath, tuple[dict[str, Any], Cause]] = {}
    for document in config.shared_documents():
        for path in _BLOCKS:
            block: Any = document.value
            for step in path:
                block = block.get(step) if isinstance(block, dict) else None
            providers = block.get("providers") if isinstance(block, dict) else None
            for name, entry in providers.items() if isinstance(providers, dict) else ():
                if isinstance(entry, dict):
                    at = (*path, "providers", name)
                    found[document.path, *at] = entry, Cause(document.file, document.key_span(at).line)
    return found
