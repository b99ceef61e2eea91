"""What fixes change in a file, as a unified diff. A line that may hold a secret is hidden, as in every report."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from agentconf.config.hidden import hidden_lines
from agentconf.redact import HIDDEN, line_without_keys, printable

_LINES: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def render(file: str, before: bytes, after: bytes) -> str:
    """The differences between two states of a file; nothing where there are none."""
    if before == after:
        return ""
    name = printable(file)
    lines = difflib.unified_diff(_shown(before), _shown(after), name, name, n=2)
    return "".join(_ended(lines))


def _shown(data: bytes) -> list[str]:
    hidden = hidden_lines(data)
    lines = _LINES.findall(data.decode("utf-8", "replace"))
    return [_line(line, number in hidden) for number, line in enumerate(lines, 1)]


def _line(line: str, is_hidden: bool) -> str:
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    # a carriage return alone would have the terminal write over the line
    return (HIDDEN if is_hidden else printable(line_without_keys(text))) + (end if end != "\r" else "\n")


def _ended(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
