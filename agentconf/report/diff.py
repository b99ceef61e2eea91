"""What fixes change in a file, as a unified diff. A line that may hold a secret is hidden, as in every report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from agentconf.config.hidden import hidden_lines
from agentconf.redact import HIDDEN, line_without_keys, printable

_LINES: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_CONTEXT: Final = 2


def render(file: str, before: bytes, after: bytes) -> str:
    """The differences between two states of a file; nothing where there are none."""
    if before == after:
        return ""
    name = printable(file)
    return f"--- {name}\n+++ {name}\n" + "".join(_hunks(_Lines(before), _Lines(after)))


class _Lines:
    """The lines as they are, which are compared, and as they may be shown."""

    def __init__(self, data: bytes) -> None:
        hidden = hidden_lines(data)
        self.raw: list[str] = _LINES.findall(data.decode("utf-8", "replace"))
        self._shown = [_line(line, number in hidden) for number, line in enumerate(self.raw, 1)]

    def shown(self, mark: str, start: int, end: int) -> Iterator[str]:
        for line in self._shown[start:end]:
            yield f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n"


def _line(line: str, is_hidden: bool) -> str:
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    # a carriage return alone would have the terminal write over the line
    return (HIDDEN if is_hidden else printable(line_without_keys(text))) + (end if end != "\r" else "\n")


def _hunks(before: _Lines, after: _Lines) -> Iterator[str]:
    for steps in SequenceMatcher(None, before.raw, after.raw, autojunk=False).get_grouped_opcodes(_CONTEXT):
        (_, old, _, new, _), (_, _, old_end, _, new_end) = steps[0], steps[-1]
        yield f"@@ -{_range(old, old_end)} +{_range(new, new_end)} @@\n"
        yield from _lines_of(steps, before, after)


def _lines_of(steps: Sequence[tuple[str, int, int, int, int]], before: _Lines, after: _Lines) -> Iterator[str]:
    for kind, old, old_end, new, new_end in steps:
        if kind == "equal":
            yield from before.shown(" ", old, old_end)
        else:
            yield from before.shown("-", old, old_end)
            yield from after.shown("+", new, new_end)


def _range(start: int, end: int) -> str:
    """As unified diffs count: from 1, and an empty stretch by the line before it."""
    count = end - start
    return f"{start + 1}" if count == 1 else f"{start + (count > 0)},{count}"
