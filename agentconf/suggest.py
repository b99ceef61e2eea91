"""The nearest name to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None. Names that differ only in case or in `-` and `_` come first."""
    import difflib  # 4 ms that only a mistake should cost

    known = sorted(set(names))
    folded = _fold(word)
    for name in known:
        if _fold(name) == folded:
            return name
    found = difflib.get_close_matches(word[:64], known, n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(word: str, names: Iterable[str]) -> str | None:
    """The hint that names the nearest, or None."""
    name = nearest(word, names)
    return f"did you mean '{name}'?" if name else None


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_")


def misspelling_of(word: str, names: Iterable[str]) -> str | None:
    """The one name that a word is surely a misspelling of, or None: what may be written without asking.

    Stricter than what is worth a question: a slip of the finger or two, and no other name as near.
    """
    folded = _fold(word)
    if folded in _OF_THEIR_OWN:
        return None
    known = sorted(set(names))
    same = [name for name in known if _fold(name) == folded]
    if same:
        return same[0] if len(same) == 1 else None
    allowed = 0 if len(word) < 3 or len(word) > 64 else 1 if len(word) < 10 else 2
    alike = (name for name in known if name[:1] == folded[:1] and abs(len(name) - len(word)) <= allowed)
    near = {name: _slips(folded, _fold(name)) for name in alike}
    fewest = min(near.values(), default=allowed + 1)
    nearest_ones = [name for name, slips in near.items() if slips == fewest]
    return nearest_ones[0] if fewest <= allowed and len(nearest_ones) == 1 else None


_OF_THEIR_OWN: Final = frozenset(("top_k", "top_a", "top_n", "min_p"))
"""Parameters of models that are near to one of the format, and mean something else."""


def _slips(one: str, other: str) -> int:
    """How many letters were left out, put in, exchanged, or typed in each other's place."""
    before: list[int] = []
    above: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = above, row, [i]
        for j, wanted in enumerate(other, 1):
            fewest = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                fewest = min(fewest, before[j - 2] + 1)
            row.append(fewest)
    return row[-1]
