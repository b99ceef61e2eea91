"""Which lines of a text were there before."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import takewhile
from operator import eq
from typing import Final

_COMPARED_AT_MOST: Final = 1_000_000
"""Pairs of lines between what two texts begin and end with alike. Of more, none counts as the same."""


def lines_before(before: bytes, after: bytes) -> dict[int, int]:
    """The number that a line of the later text had in the earlier one, from 1; a line that is new is left out.

    How lines end does not matter: the files of a checkout may end theirs differently.
    """
    old, new = _lines(before), _lines(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    same = {number + 1: number + 1 for number in range(head)}
    same |= {len(new) - number: len(old) - number for number in range(tail)}
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(old) * len(new) <= _COMPARED_AT_MOST:
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            same |= {head + block.b + count + 1: head + block.a + count + 1 for count in range(block.size)}
    return same


def _alike(one: list[bytes], other: list[bytes]) -> int:
    """How many lines two texts begin with alike."""
    return sum(takewhile(bool, map(eq, one, other)))


def _lines(text: bytes) -> list[bytes]:
    return [line.removesuffix(b"\r") for line in text.removesuffix(b"\n").split(b"\n")] if text else []
