"""Prompts in files of their own, read because an agent or a layer names them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.document.document import Document
from agentconf.document.parse import FAULTS_LIMIT, too_many
from agentconf.keypath import KeyPath, render
from agentconf.source.pointer import is_pointer
from agentconf.source.tree import Tree, Unread

_HINT: Final = "name a text file of at most 256 KiB inside the tree, relative to this file"
_NOT_FETCHED: Final = Unread("it is a pointer of Git LFS, and not the text")


class Prompts:
    """The prompt files of a tree. `read` holds each one's text, or why it could not be had, by its path in the tree."""

    def __init__(self, tree: Tree) -> None:
        self.read: dict[str, str | Unread] = {}
        self._tree = tree

    def of(self, document: Document) -> tuple[dict[str, str], tuple[str, ...], list[Diagnostic]]:
        """The texts that a document names by the paths it writes; those files' paths in the tree; what is wrong."""
        texts: dict[str, str] = {}
        findings: list[Diagnostic] = []
        targets: dict[str, None] = {}
        for path, file, target in named(document):
            if target is not None:
                targets[target] = None
            said = Unread("it lies outside of the tree") if target is None else self._text(target)
            if isinstance(said, Unread):
                if len(findings) == FAULTS_LIMIT:
                    findings.append(too_many(document.file))
                    break  # the rest is not even read
                findings.append(_unusable(document, path, file, said))
            else:
                texts[file] = said
        return texts, tuple(targets), findings

    def _text(self, target: str) -> str | Unread:
        if target not in self.read:
            self.read[target] = self._decoded(self._tree.open_prompt(target))
        return self.read[target]

    def _decoded(self, data: bytes | Unread) -> str | Unread:
        if isinstance(data, Unread):
            return data
        if self._tree.origin.kind != "git" and is_pointer(data):  # a commit has nothing else
            return _NOT_FETCHED
        try:
            return prompt_text(data)
        except UnicodeDecodeError:
            return Unread("it is not UTF-8 text")


def named(document: Document) -> Iterator[tuple[KeyPath, str, str | None]]:
    """Every prompt file that a document names: the key's path, the file's as it is written, and the one in the tree."""
    for path, file in _named(document.value):
        yield path, file, _target(document, file)


def _target(document: Document, file: str) -> str | None:
    """The path below the root of a file that a document names; None where it leads out of the tree."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), file))
    is_outside = file.startswith("/") or target == ".." or target.startswith("../") or "\x00" in file
    return None if is_outside else target


def _named(value: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Every prompt file that a document names, with the place where it does."""
    blocks: list[tuple[KeyPath, Any]] = [((), value)]
    environments = value.get("environments")
    if isinstance(environments, dict):
        blocks += [(("environments", name), block) for name, block in environments.items()]
    blocks += [((name,), value.get(name)) for name in ("defaults", "overrides")]
    for path, block in blocks:
        file = block.get("instructions_file") if isinstance(block, dict) else None
        if isinstance(file, str) and file:  # an empty one is a finding of the schema
            yield (*path, "instructions_file"), file


def prompt_text(data: bytes) -> str:
    """A prompt's text: without a byte order mark, and with its lines ended as in YAML. Raises UnicodeDecodeError.

    A checkout may end its lines otherwise than the commit does, and the agent is told the same.
    """
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _unusable(document: Document, path: KeyPath, file: str, why: Unread) -> Diagnostic:
    message = f"cannot use the prompt file '{file[:80]}': {why.reason}"
    hint = "run 'git lfs pull'" if why is _NOT_FETCHED else _HINT
    span = document.value_span(path)
    return Diagnostic(codes.UNREADABLE_PROMPT, message, document.file, span, render(path), hint=hint)
