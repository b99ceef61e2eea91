"""What the model is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.keypath import ABSENT

CHARACTERS_A_TOKEN: Final = 4
"""The usual estimate for English text."""


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Every call pays for them."""
    for path, old, new in differences:
        if path[-1:] == ("instructions",):
            before, after = _tokens(old), _tokens(new)
            if new is ABSENT:
                text = "the system prompt is gone"
            elif old is ABSENT:
                text = f"a system prompt of about {after:,} tokens"
            else:
                more = f"{after - before:+,} tokens a call, to" if after != before else "it still has"
                text = f"the system prompt changes: {more} about {after:,}"
            yield said(path, "instructions", "medium" if new is ABSENT else "low", text)


def _tokens(text: object) -> int:
    return len(text) // CHARACTERS_A_TOKEN if isinstance(text, str) else 0
