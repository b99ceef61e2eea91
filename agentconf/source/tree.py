"""The bytes of a config tree at one moment, and where they came from."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from agentconf.diagnostic import Diagnostic

METADATA_SCHEMA: Final = "schema/metadata.schema.json"
"""Where the organisation's own schema for metadata lies, from the folder that holds the tree."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a tree came from. `revision` is a git commit where there is one."""

    kind: str
    path: str
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a file could not be had: one sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that lies beside a tree: its name in findings, and its bytes or why there are none."""

    file: str
    data: bytes | Unread


def metadata_schema_of(shown_as: str, data: bytes | Unread | None) -> Beside | None:
    """The organisation's own schema beside the tree that is shown so; None where there is none."""
    file = posixpath.normpath(posixpath.join(shown_as or ".", posixpath.pardir, METADATA_SCHEMA))
    return None if data is None else Beside(file, data)


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a tree by their path below the root; `faults` is what could not be read.

    `shown_as` stands before the paths in findings. `open_prompt` gives the bytes of a file that an agent names.
    `metadata_schema` is the organisation's own schema for metadata, beside the tree; None where there is none.
    """

    origin: Origin
    shown_as: str
    files: Mapping[str, bytes]
    faults: tuple[Diagnostic, ...] = ()
    open_prompt: Callable[[str], bytes | Unread] = field(default=lambda path: Unread("there is no such file"))
    metadata_schema: Beside | None = None

    def shown(self, path: str) -> str:
        """A path below the root as findings name it."""
        return f"{self.shown_as}/{path}" if self.shown_as not in {"", "."} else path

    def below(self, shown: str) -> str:
        """The path below the root of a file as findings name it."""
        return shown.removeprefix(self.shown(""))


def tree_of(files: Mapping[str, bytes], shown_as: str = "", metadata_schema: bytes | None = None) -> Tree:
    """A tree held in memory; its prompts lie among its files."""

    def open_prompt(path: str) -> bytes | Unread:
        return files.get(path, Unread("there is no such file"))

    beside = metadata_schema_of(shown_as, metadata_schema)
    return Tree(Origin("memory", shown_as), shown_as, files, (), open_prompt, beside)
