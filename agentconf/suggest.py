"""The nearest name to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable


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
