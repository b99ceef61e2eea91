"""Instructions by words: what goes, what comes, and what stays around it."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import Final

from agentconf.diff.entry import Entry
from agentconf.redact import without_keys
from agentconf.source.pointer import begins_like_a_pointer

_WORD: Final = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
_MOST_WORDS: Final = 2_000
_MOST_PAIRS: Final = 50_000
"""Of words that are the same on both sides. Of more, those that stand everywhere are no place to begin."""


def is_about_text(entry: Entry) -> bool:
    """Whether an entry is about instructions."""
    return bool(entry.key) and str(entry.key).endswith("instructions") and isinstance(entry.new or entry.old, str)


def word_diff(entry: Entry) -> list[tuple[str, str]]:
    """Pairs of `=`, `-` or `+` and a text; empty where it is about something else, or `no_word_diff` says why.

    Keys are hidden before the words are told apart: half of one would not be known for what it is.
    """
    if not is_about_text(entry) or no_word_diff(entry):
        return []
    head, old, new, tail = _apart(entry)
    found = [("=", "".join(head)), *_compared(old, new), ("=", "".join(tail))]
    return [(sign, text) for sign, text in found if text]


def no_word_diff(entry: Entry) -> str:
    """Why instructions are not compared word by word; empty where they are, or where it is about something else."""
    if not is_about_text(entry):
        return ""
    if any(begins_like_a_pointer(str(side or "")) for side in (entry.old, entry.new)):
        return "the text lies in Git LFS, and is not compared"
    _, old, new, _ = _apart(entry)
    if max(len(old), len(new)) <= _MOST_WORDS:
        return ""
    return f"too much differs to show it word by word: {len(old):,} words before, {len(new):,} after"


def _apart(entry: Entry) -> tuple[list[str], list[str], list[str], list[str]]:
    """What both texts begin with, what differs of each, and what both end with."""
    old, new = (_WORD.findall(without_keys(str(side or ""))) for side in (entry.old, entry.new))
    begin = _alike(old, new)
    end = _alike(old[begin:][::-1], new[begin:][::-1])
    return old[:begin], old[begin : len(old) - end], new[begin : len(new) - end], old[len(old) - end :]


def _alike(one: list[str], other: list[str]) -> int:
    """How many words two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _compared(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    counts = Counter(old), Counter(new)
    pairs = sum(number * counts[1][word] for word, number in counts[0].items())
    found: list[tuple[str, str]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=pairs > _MOST_PAIRS).get_opcodes():
        if tag == "equal":
            found.append(("=", "".join(old[a:b])))
        else:
            found += [("-", "".join(old[a:b])), ("+", "".join(new[c:d]))]
    return found
