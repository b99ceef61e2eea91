"""The new bytes of an agent's file: an edit in place, so that what was not asked for keeps every byte."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, NamedTuple

from agentconf.document.build import Lexicon
from agentconf.document.change import Change
from agentconf.document.document import Document
from agentconf.document.dump import dump
from agentconf.document.edit import Editor, rewritten, with_edits
from agentconf.document.parse import parse
from agentconf.errors import EditRefused
from agentconf.fix import modeline
from agentconf.server.problem import TOO_LARGE, Kind, Problem
from agentconf.server.writing.asked import Asked, Way
from agentconf.server.writing.difference import difference, is_alike
from agentconf.server.writing.masks import shown, unmasked
from agentconf.server.writing.merge_patch import merged
from agentconf.source.tree import Tree

NOT_EDITABLE: Final = Kind("not-editable", 422, "The file cannot be edited so")
_MOST_WORK_BYTES: Final = 16 << 20
"""Each change reads the file once: some seconds in all."""


class Draft(NamedTuple):
    """The bytes of a file, None where it is to go; its changes, and what the document says before and after."""

    data: bytes | None
    changes: list[Change]
    before: dict[str, Any]
    after: dict[str, Any]


def drafted(tree: Tree, path: str, asked: Asked) -> Draft:
    """What becomes of the file at a path. Raises Problem (413, 422)."""
    try:
        if asked.way is Way.CREATE:
            return _new(tree, path, asked.value)
        document = read(tree, path)
        if asked.way is Way.REMOVE:
            return Draft(None, [], document.value, {})
        return _edited(document, asked)
    except EditRefused as error:
        raise Problem(NOT_EDITABLE, str(error)) from None


def read(tree: Tree, path: str) -> Document:
    """The document at a path."""
    return parse(path, tree.shown(path), tree.files[path], Lexicon())


def _edited(document: Document, asked: Asked) -> Draft:
    if not document.is_readable:
        raise EditRefused(f"{document.file} cannot be read as it is; mend it by hand")
    before = document.value
    wanted = merged(before, asked.value) if asked.way is Way.MERGE else asked.value
    after = unmasked(wanted, shown(before), before)
    changes = difference(before, after)
    if len(changes) * len(document.data) > _MOST_WORK_BYTES:
        said = f"{len(changes):,} changes of a file of {len(document.data):,} bytes are too many at once; send fewer"
        raise Problem(TOO_LARGE, said)
    return Draft(rewritten(document, changes).data, changes, before, after)


def _new(tree: Tree, path: str, value: dict[str, Any]) -> Draft:
    """A file as a person would write it; with the line that names its schema, where the tree's files have one."""
    try:
        data = dump(value).encode()
    except UnicodeEncodeError:
        raise EditRefused("half of a character cannot stand in a file") from None
    document = parse(path, tree.shown(path), data, Lexicon())
    if document.is_readable and not is_alike(document.value, value):
        raise EditRefused("this document cannot be written as YAML that says the same")
    grown = replace(tree, files={**tree.files, path: data})
    schema = modeline.wanted(grown).get(path)
    if schema is not None and document.is_readable:
        data = with_edits(data, (modeline.edit(Editor(document), schema),))
    return Draft(data, [], {}, value)
