"""The line that a finding is about, with a caret under the place. What looks like a key is hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from agentconf.config.hidden import hidden_lines
from agentconf.diagnostic import Span
from agentconf.document.text import lines_of
from agentconf.redact import HIDDEN, line_without_keys
from agentconf.rules.secret_in_text import lines_with_keys

_WIDTH: Final = 120

Style = Callable[..., str]


def excerpt(data: bytes, span: Span, hint: str | None, style: Style) -> list[str]:
    """The lines to print below a finding; none where the file has no such line."""
    lines = lines_of(data.decode("utf-8-sig", "replace"))
    if not lines or span.line > len(lines):
        return [f"  = {hint}"] if hint else []
    written = lines[span.line - 1].replace("\t", " ")[:_WIDTH]
    is_hidden = span.line in hidden_lines(data) or span.line in lines_with_keys(data)
    hidden = HIDDEN if is_hidden else line_without_keys(written)
    shown = "".join(character if character.isprintable() else "?" for character in hidden)
    margin = " " * len(str(span.line))
    caret = _caret(span, written if shown == written else None)
    pointer = f"{style(caret, fg='red', bold=True)} {hint or ''}".rstrip() if caret else f"= {hint}" if hint else ""
    return [f"{margin} |", f"{span.line} | {shown}", f"{margin} | {pointer}".rstrip()]


def _caret(span: Span, line: str | None) -> str:
    """Carets under the place; none where the line was changed to hide something, since they would point beside it."""
    if line is None or span.column > len(line) + 1:
        return ""
    length = span.end_column - span.column if span.end_line == span.line else 1
    return " " * (span.column - 1) + "^" * max(1, min(length, len(line) - span.column + 1))
