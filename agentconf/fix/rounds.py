"""Fixing until nothing is left to fix: a key that gets its right name may show what is wrong below it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from agentconf.fix.proposal import Fix, fixes, mended
from agentconf.source.tree import Tree
from agentconf.validation import Validation

ROUNDS: Final = 5
"""A few levels of mistakes below mistakes; what is left then is left to the next run."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A tree as it is after all fixes, what is wrong with it still, and what was done, in order."""

    tree: Tree
    validation: Validation
    fixes: tuple[Fix, ...]


def fix(tree: Tree, check: Callable[[Tree], Validation]) -> Fixed:
    """Fixes a tree in memory. `check` is how it is validated, at first and after each round."""
    states = [Fixed(tree, check(tree), ())]
    while len(states) <= ROUNDS:
        now = states[-1]
        found = fixes(now.tree, now.validation.diagnostics)
        if not found:
            break
        after = mended(now.tree, found)
        been = next((state for state in states if state.tree.files == after.files), None)
        if been is not None:  # two models that succeed each other, say: as it was when that began
            return been
        states.append(Fixed(after, check(after), (*now.fixes, *found)))
    return states[-1]
