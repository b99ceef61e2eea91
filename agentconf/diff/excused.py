"""The excuses of a tree, by what they excuse and where: two sides need not be shown under the same names."""

from __future__ import annotations

from collections.abc import Iterator

from agentconf.document.excuses import Excuse
from agentconf.pipeline import Draft


def excused(draft: Draft) -> Iterator[tuple[tuple[str, str], Excuse]]:
    """Each rule that an excuse names, with its file below the root."""
    for file, group in draft.config.excuses.items():
        for excuse in group:
            for name in excuse.names:
                yield (draft.tree.below(file), name), excuse
