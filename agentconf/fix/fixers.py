"""What mends a finding, by the name of its rule.

A rule is mended by adding a line here, and by findings that say what to write: `fixable`, with a `replacement`. A
fixer finds its place in the text by the finding's line and column, so that two ways to write a path do not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from agentconf.diagnostic import Diagnostic
from agentconf.document.change import Change, Put, Rename
from agentconf.document.edit import Editor
from agentconf.document.scalars import value_of
from agentconf.redact import printable, without_keys


class Mend(NamedTuple):
    """A change, and what it does, in words that may be shown."""

    change: Change
    said: str


Fixer: TypeAlias = Callable[[Diagnostic, str, Editor], Mend | None]
"""From a finding, its replacement and the editor of its file; None where the place is not what the finding says."""


def rename_key(finding: Diagnostic, name: str, editor: Editor) -> Mend | None:
    path = editor.key_at(finding.line, finding.column)
    return Mend(Rename(path, name), f"renamed to '{_shown(name)}'") if path else None


def write_text(finding: Diagnostic, text: str, editor: Editor) -> Mend | None:
    path = editor.value_at(finding.line, finding.column)
    return Mend(Put(path, text), f"now '{_shown(text)}'") if path else None


def write_value(finding: Diagnostic, text: str, editor: Editor) -> Mend | None:
    """As `write_text` for what is no text: `true`, or a number."""
    path = editor.value_at(finding.line, finding.column)
    return Mend(Put(path, value_of(text)), f"now {_shown(text)}") if path and text else None


def _shown(text: str) -> str:
    """A successor may come from a file, and what is shown of it does nothing to a terminal and shows no key."""
    return without_keys(printable(text))


FIXERS: Final[dict[str, Fixer]] = {
    "unknown-key": rename_key,
    "unknown-value": write_text,
    "wrong-type": write_value,
    "retired-model": write_text,
    "retiring-model": write_text,
}
