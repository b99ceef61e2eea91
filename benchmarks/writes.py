"""What a publisher does: writes a file aside, and renames it into place."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from benchmarks.probes.layout import agent_files

_TICKET = re.compile(rb"^  ticket: .*$", re.MULTILINE)

Rename = Callable[[], int]
"""Renames into place; gives the moment before, in nanoseconds of the monotonic clock."""


class Writer(Protocol):
    """Gives agents another ticket."""

    @property
    def ids(self) -> list[str]:
        """The agents that it can be given."""

    def prepared(self, agent_id: str, mark: str) -> Rename:
        """Write aside that an agent's ticket is this one."""


def renamed_later(path: Path, content: bytes, aside: Path) -> Rename:
    """Write to a file outside of the tree now, to be renamed when it is called."""
    aside.write_bytes(content)

    def rename() -> int:
        at = time.monotonic_ns()
        os.replace(aside, path)
        return at

    return rename


@dataclass(slots=True)
class Yamls:
    """A tree of agents, each in its file."""

    tree: Path
    is_last_alone: bool = False
    _files: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        files = [self.tree / file for file in agent_files(self.tree)]
        # what is switched off is not served
        self._files = {file.stem: file for file in files if b"enabled: true" in file.read_bytes()}
        if self.is_last_alone:
            self._files = {files[-1].stem: files[-1]}

    @property
    def ids(self) -> list[str]:
        return list(self._files)

    def folder_of(self, agent_id: str) -> str:
        """The folder of an agent's file, as a listing names it."""
        return f"{self._files[agent_id].parent.relative_to(self.tree)}/"

    def marked(self, agent_id: str, mark: str) -> bytes:
        """The content of an agent's file with this ticket."""
        return _TICKET.sub(b"  ticket: " + mark.encode(), self._files[agent_id].read_bytes())

    def mark(self, agent_ids: list[str], mark: str) -> None:
        """Write it into the files of many, in place."""
        for agent_id in agent_ids:
            self._files[agent_id].write_bytes(self.marked(agent_id, mark))

    def prepared(self, agent_id: str, mark: str) -> Rename:
        return renamed_later(self._files[agent_id], self.marked(agent_id, mark), _aside(self.tree))


@dataclass(slots=True)
class Flags:
    """The same agents as one file of flags, a flag an agent."""

    tree: Path
    flags: dict[str, Any]

    @classmethod
    def of(cls, yamls: Path, tree: Path) -> Flags:
        tree.mkdir(exist_ok=True)
        values = ((file.stem, (yamls / file).read_bytes()) for file in agent_files(yamls))
        flags = cls(tree, {name: _flag(yaml.load(data, Loader=yaml.CSafeLoader)) for name, data in values})
        flags.prepared(flags.ids[0], "first")()
        return flags

    @property
    def ids(self) -> list[str]:
        return list(self.flags)

    def prepared(self, agent_id: str, mark: str) -> Rename:
        self.flags[agent_id]["variants"]["is"]["metadata"]["ticket"] = mark
        content = json.dumps({"flags": self.flags}, default=str).encode()
        return renamed_later(self.tree / "flags.json", content, _aside(self.tree))


def _flag(value: Any) -> dict[str, Any]:
    return {"state": "ENABLED", "variants": {"is": value}, "defaultVariant": "is"}


class Defaults:
    """The root defaults of a tree, with a number that every agent inherits: `metadata.generation`."""

    def __init__(self, tree: Path) -> None:
        self._path = tree / "_defaults.yaml"
        self._text = self._path.read_text().partition("metadata:")[0]

    def write(self, generation: int) -> None:
        content = f"{self._text}metadata:\n  generation: {generation}\n".encode()
        renamed_later(self._path, content, _aside(self._path.parent))()


def _aside(tree: Path) -> Path:
    return tree.with_name(tree.name + ".aside")
