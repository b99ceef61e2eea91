"""Calls and tokens per minute, and calls in parallel."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.keypath import ABSENT


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """A limit that is gone is the gravest."""
    for path, old, new in differences:
        if len(path) == 2 and path[0] == "limits" and path[1] != "budget":
            name = str(path[1]).replace("_", " ")
            if new is ABSENT:
                yield said(path, "limit", "medium", f"no limit of {name} any more (was {old:,})")
            elif old is ABSENT:
                yield said(path, "limit", "low", f"at most {new:,} {name} from now on")
            else:
                yield said(path, "limit", "low", f"{name} {old:,} to {new:,}")
