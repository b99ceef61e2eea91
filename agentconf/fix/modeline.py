"""The line by which an editor finds a file's schema: `# yaml-language-server: $schema=../schema/agent.schema.json`.

A file that moves takes its line along, and then it leads nowhere. It is mended only in a tree that uses such lines,
and only where it names one of the published schemas: whoever names another has a reason.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from typing import Final

from agentconf.document.edit import Edit, Editor
from agentconf.document.sheet import Splice
from agentconf.document.text import without_bom
from agentconf.fix import place
from agentconf.source import layout
from agentconf.source.layout import Kind, Place
from agentconf.source.tree import Tree

_HEAD: Final = re.compile(r"(?:[ \t]*(?:#[^\r\n]*|---)?[ \t]*(?:\r\n|\r|\n))*")
_LINE: Final = re.compile(r"(?<![^\r\n])#[ \t]*yaml-language-server[ \t]*:[ \t]*\$schema[ \t]*=[ \t]*([^ \t\r\n]+)")
_MARK: Final = b"yaml-language-server"


def wanted(tree: Tree) -> dict[str, str]:
    """The schema that each file should name and does not, by the file's path; empty where few files name any."""
    kinds = {
        path: found.kind
        for path in tree.files
        if isinstance(found := layout.place(path), Place) and found.kind is not Kind.LOCK
    }
    named = {path: _named(tree.files[path]) for path in kinds}
    folders = Counter(folder for path, schema in named.items() if (folder := _folder(path, schema)) is not None)
    if not folders or folders.most_common(1)[0][1] * 2 <= len(kinds):
        return {}
    home = folders.most_common(1)[0][0]
    expected = {path: f"{_way(path, home)}/{kind.value}.schema.json" for path, kind in kinds.items()}
    return {path: schema for path, schema in expected.items() if _is_wrong(tree, path, named[path], schema)}


def edit(editor: Editor, schema: str) -> Edit:
    """The edit that makes a file name a schema, in the line that it has or in a new first one."""
    text, line_break = editor.sheet.text, editor.sheet.line_break
    match = _in_head(text)
    if match is not None:
        return editor.spliced(Splice(match.start(1), match.end(1), schema))
    blank = "" if text.startswith(("\n", "\r")) else line_break
    return editor.spliced(Splice(0, 0, f"# yaml-language-server: $schema={schema}{line_break}{blank}"))


def said(schema: str) -> str:
    return f"the line that names the schema: now {schema}"


def _in_head(text: str) -> re.Match[str] | None:
    head = _HEAD.match(text)
    return _LINE.search(text, 0, head.end()) if head else None


def _named(data: bytes) -> str | None:
    """The schema that a file names; None where it names none, or is no text."""
    if _MARK not in data:
        return None
    match = _in_head(without_bom(data).decode("utf-8", "replace"))
    return match[1] if match else None


def _folder(path: str, schema: str | None) -> str | None:
    """The folder that holds the published schema that a file names, from the tree's root; None where it names none."""
    if schema is None or "://" in schema or schema[0] == "/" or not _is_published(schema):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), posixpath.dirname(schema)))


def _is_published(schema: str) -> bool:
    return posixpath.basename(schema) in {f"{kind.value}.schema.json" for kind in Kind}


def _way(path: str, home: str) -> str:
    """How a file leads to the folder of the schemas."""
    folder = posixpath.dirname(path)
    if home.startswith(".."):
        return "../" * len(folder.split("/") if folder else ()) + home
    return posixpath.relpath(f"/{home}", f"/{folder}")


def _is_wrong(tree: Tree, path: str, named: str | None, expected: str) -> bool:
    if named is not None:
        folder = _folder(path, named)
        right = posixpath.normpath(posixpath.join(posixpath.dirname(path), expected))
        if folder is None or f"{folder}/{posixpath.basename(named)}" == right:
            return False
    return not place.is_linked(tree, path)  # editors open the file that a link leads to
