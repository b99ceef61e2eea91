"""Tables for people: columns as wide as they need be, numbers under each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agentconf.cli import console
from agentconf.redact import printable


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its heading. `decimal` puts the points of numbers under each other."""

    heading: str
    align: Literal["left", "right", "decimal"] = "left"


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """The text of a table with its headings; nothing for no rows."""
    if not rows:
        return ""
    laid = [_laid(column, [printable(row[index]) for row in rows]) for index, column in enumerate(columns)]
    lines = ["  ".join(cells).rstrip() for cells in zip(*laid, strict=True)]
    return "\n".join([console.style(lines[0], bold=True), *lines[1:], ""])


def _laid(column: Column, cells: list[str]) -> list[str]:
    """The heading and the cells of a column, all equally wide."""
    if column.align == "decimal":
        tail = max((len(cell) - cell.find(".") for cell in cells if "." in cell), default=0)
        cells = [cell + " " * (tail - (len(cell) - cell.find(".") if "." in cell else 0)) for cell in cells]
    every = [column.heading, *cells]
    width = max(map(len, every))
    return [cell.ljust(width) if column.align == "left" else cell.rjust(width) for cell in every]
