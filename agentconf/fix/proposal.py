"""The fixes that a tree could have now: for its findings, and for the line that names each file's schema."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agentconf.diagnostic import Diagnostic
from agentconf.document.build import Lexicon
from agentconf.document.document import Document
from agentconf.document.edit import Edit, Editor, overlap
from agentconf.document.parse import parse
from agentconf.errors import EditRefused
from agentconf.fix import modeline, place
from agentconf.fix.fixers import FIXERS
from agentconf.redact import printable
from agentconf.source.tree import Tree


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing mended. `finding` is what it mends; None for the line that names the schema, which is no finding."""

    edit: Edit
    said: str
    finding: Diagnostic | None = None

    def as_json(self) -> dict[str, object]:
        finding = self.finding
        return {
            "file": printable(self.edit.file),
            "line": self.edit.span.line,
            "column": self.edit.span.column,
            "code": finding.code if finding else None,
            "rule": finding.rule.name if finding else None,
            "message": str(self),
        }

    def __str__(self) -> str:
        """What was done, in words that may be shown."""
        return f"{self.finding.message}: {self.said}" if self.finding else self.said


def fixes(tree: Tree, findings: Iterable[Diagnostic]) -> list[Fix]:
    """What can be mended at once, file by file. Of fixes that are in each other's way, the first is here."""
    wanted = defaultdict[str, list[Diagnostic]](list)
    for finding in findings:
        if finding.replacement is not None and finding.rule.name in FIXERS:
            wanted[finding.file].append(finding)
    schemas = modeline.wanted(tree)
    found: list[Fix] = []
    for path, data in tree.files.items():
        listed = wanted.get(printable(tree.shown(path)), [])
        if (listed or path in schemas) and place.is_own(tree, path):
            found += _of_file(parse(path, tree.shown(path), data, Lexicon()), listed, schemas.get(path))
    return found


def mended(tree: Tree, found: Iterable[Fix]) -> Tree:
    """The tree as it is after some of its fixes; nothing is written."""
    by_path = defaultdict[str, list[Edit]](list)
    for fix in found:
        by_path[fix.edit.path].append(fix.edit)
    files = dict(tree.files)
    for path, edits in by_path.items():
        files[path] = Editor(parse(path, tree.shown(path), files[path], Lexicon())).combined(edits)
    return replace(tree, files=files)


def _of_file(document: Document, findings: Sequence[Diagnostic], schema: str | None) -> list[Fix]:
    if not document.is_readable:
        return []
    editor = Editor(document)
    found = [fix for finding in findings if (fix := _mending(finding, editor))]
    if schema is not None:
        found.append(Fix(modeline.edit(editor, schema), modeline.said(schema)))
    return _together(editor, found)


def _mending(finding: Diagnostic, editor: Editor) -> Fix | None:
    assert finding.replacement is not None
    mend = FIXERS[finding.rule.name](finding, finding.replacement, editor)
    if mend is None:
        return None
    try:
        return Fix(editor.plan(mend.change), mend.said, finding)
    except EditRefused:
        return None


def _together(editor: Editor, found: list[Fix]) -> list[Fix]:
    """The fixes that can be made at the same time, the first before the later ones."""
    kept: list[Fix] = []
    for fix in found:
        if not any(overlap(fix.edit, other.edit) for other in kept):
            kept.append(fix)
    return kept if _is_possible(editor, kept) else list(_one_by_one(editor, kept))


def _one_by_one(editor: Editor, found: list[Fix]) -> Iterator[Fix]:
    kept: list[Fix] = []
    for fix in found:
        if _is_possible(editor, [*kept, fix]):
            kept.append(fix)
            yield fix


def _is_possible(editor: Editor, found: list[Fix]) -> bool:
    try:
        editor.combined([fix.edit for fix in found])
    except EditRefused:
        return False
    return True
