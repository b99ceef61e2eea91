"""Keys that must be there before the merge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentconf.config.secrets import NotAReference, SecretReference, parse_reference
from agentconf.diff.change import Risk
from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.keypath import KeyPath
from agentconf.rules.view import AgentView

_ENCRYPTED = ("fernet", "age")


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """References of the providers that the agent uses, which it did not need before."""
    known = [text for _, text in _references(pair.before)]
    where = f" in {pair.environment}" if pair.environment else ""
    for path, text in _references(pair.after):
        if text not in known:
            known.append(text)
            reference = _parsed(text)
            if reference is not None and not (pair.before is None and pair.mentions(text)):
                risk, more = _weighed(pair, reference, text)
                yield said(path, "key", risk, f"needs {reference}{where}, {more}")


def _weighed(pair: Pair, reference: SecretReference, text: str) -> tuple[Risk, str]:
    """An encrypted secret comes with the tree itself; a variable or a file must be put there by the operator."""
    if reference.source in _ENCRYPTED:
        return "low", "which is encrypted in the tree itself"
    if pair.mentions(text):
        return "low", "which it did not need before, and the base names already"
    return "high", "which nothing needed before"


def _parsed(text: str) -> SecretReference | None:
    try:
        return parse_reference(text)
    except NotAReference:
        return None  # a literal, which is a finding of its own


def _references(view: AgentView | None) -> Iterator[tuple[KeyPath, str]]:
    """Every text in the connections of the models that may be called."""
    for entry in view.entries if view is not None else ():
        own = {key: entry.config.get(key) for key in ("api_key", "extra_headers")}
        for value in (*_texts(entry.connection or {}), *_texts(own)):
            yield (*entry.path, "model"), value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
