"""What the model is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.keypath import ABSENT
from agentconf.source.pointer import begins_like_a_pointer

CHARACTERS_A_TOKEN: Final = 4
"""The usual estimate for English text."""


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Every call pays for them."""
    for path, old, new in differences:
        if path[-1:] == ("instructions",):
            yield said(path, "instructions", "medium" if new is ABSENT else "low", _text(old, new))


def tokens_of(text: object) -> int:
    """How many a prompt takes, about; 0 of none."""
    return -(-len(text) // CHARACTERS_A_TOKEN) if isinstance(text, str) else 0


def _text(old: object, new: object) -> str:
    before, after = tokens_of(old), tokens_of(new)
    if new is ABSENT:
        return "the system prompt is gone"
    if _is_elsewhere(old) or _is_elsewhere(new):
        return "the system prompt changes; it lies in Git LFS, and a commit says no more than that"
    if old is ABSENT:
        return f"a system prompt of about {after:,} {_noun(after)}"
    if before == after:
        return f"the system prompt changes, at about {after:,} {_noun(after)} as before"
    return f"the system prompt changes: {after - before:+,} {_noun(after - before)} a call, to about {after:,}"


def _is_elsewhere(text: object) -> bool:
    return isinstance(text, str) and begins_like_a_pointer(text)


def _noun(count: int) -> str:
    return "token" if abs(count) == 1 else "tokens"
