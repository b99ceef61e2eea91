"""What a writer is about to do to a clone, written down before it begins, for whoever comes after one that died."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final

from agentconf.source.publish import publish_file
from agentconf.source.whole import PREFIX

_LONGEST_BYTES: Final = 1 << 16
_SCRATCH: Final = "index-"


@dataclass(frozen=True, slots=True)
class Intent:
    """One file of a work tree, and the branch and the index with it.

    `branch` goes from the commit `before` to `commit`. Of the file at `path`, `old` and of the index, `index` are the
    SHA-256 of the bytes; `mode` and `new` are the file's in git. What is not there is "".
    """

    branch: str
    before: str
    commit: str
    path: str
    old: str
    new: str
    mode: str
    index: str


class Journal:
    """In a folder of git's own folder: one intent, or none."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._path = os.path.join(folder, "intent.json")

    def write(self, intent: Intent) -> None:
        """Raises OSError."""
        publish_file(self._path, json.dumps(asdict(intent)))

    def read(self) -> Intent | None:
        """What a writer had begun. Raises OSError."""
        try:
            with open(self._path, "rb") as file:
                said = json.loads(file.read(_LONGEST_BYTES))
            return Intent(**{key: str(said[key]) for key in Intent.__slots__})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            return None  # it is written in one step: somebody else's

    def scratch(self) -> str:
        """The path of a file that `sweep` removes, should its writer not come to it."""
        return os.path.join(self.folder, f"{_SCRATCH}{os.urandom(8).hex()}")

    def sweep(self) -> None:
        """Removes what writers have left that died; there is no other writer now. Raises OSError."""
        with suppress(FileNotFoundError):
            for name in os.listdir(self.folder):
                if name.startswith((_SCRATCH, PREFIX)):
                    os.unlink(os.path.join(self.folder, name))

    def clear(self) -> None:
        """Raises OSError."""
        with suppress(FileNotFoundError):
            os.unlink(self._path)


def remove_unfinished(folder: str, data: bytes) -> None:
    """Removes what a writer of these bytes who died has left beside their file: a part of them. Raises OSError."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name.startswith(PREFIX) and data.startswith(bytes_at(path) or b""):
            os.unlink(path)


def stamp(data: bytes | None) -> str:
    """By what bytes are known in an intent."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def bytes_at(path: str) -> bytes | None:
    """The bytes of a file; None where there is none. Raises OSError."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
