"""What is to be published, in memory: the folders, files and links of a tree, from a folder or from a mapping."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import Final, NamedTuple

_LEFT_OUT: Final = ".git"
"""Of a clone's top folder; nothing reads it, and it may be large."""


class Contents(NamedTuple):
    """By paths below the root, parents first; "" is the root. A mode of None is what the umask makes of it."""

    folders: dict[str, int | None]
    files: dict[str, tuple[bytes, int | None]]
    links: dict[str, str]


def contents_of_mapping(files: Mapping[str, bytes | str]) -> Contents:
    """Raises ValueError where a path leads out of the tree, or runs through a file."""
    folders: dict[str, int | None] = {"": None}
    for path in files:
        if any(part in {"", ".", ".."} for part in path.split("/")):
            raise ValueError(f"'{path}' is not a path below the tree; write it like 'trading/trader.yaml'")
        for folder in _parents(path):
            if folder in files:
                raise ValueError(f"'{folder}' cannot be a file: '{path}' lies in it")
            folders[folder] = None
    return Contents(folders, {path: (as_bytes(data), None) for path, data in files.items()}, {})


def contents_of_folder(folder: str) -> Contents:
    """Everything in a folder, with its permissions. Links stay links.

    Raises ValueError where a link leads out of the folder, or something is neither file, folder nor link, and OSError.
    """
    contents = Contents({}, {}, {})
    _gather(os.path.realpath(folder), "", contents)
    return contents


def as_bytes(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _gather(root: str, below: str, contents: Contents) -> None:
    here = os.path.join(root, below)
    contents.folders[below] = stat.S_IMODE(os.stat(here).st_mode) & 0o777 | 0o700  # it is to be removed some day
    with os.scandir(here) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.is_symlink():
            contents.links[path] = _link(root, path)
        elif entry.name == _LEFT_OUT:
            continue
        elif entry.is_dir():
            _gather(root, path, contents)
        elif entry.is_file():
            contents.files[path] = _file(entry.path)
        else:
            raise ValueError(f"'{path}' is neither a file nor a folder, and cannot be published; remove it")


def _file(path: str) -> tuple[bytes, int]:
    with open(path, "rb") as file:
        return file.read(), os.fstat(file.fileno()).st_mode & 0o777


def _link(root: str, path: str) -> str:
    """Where a link leads. Outside of the tree, it would bring in what others may change, or what is nobody's business.

    By name as well as in truth: `../agents.d/a.md` would lead from the copy into whatever is published by then.
    """
    target = os.readlink(os.path.join(root, path))
    by_name = os.path.normpath(os.path.join(os.path.dirname(path), target))
    in_truth = os.path.realpath(os.path.join(root, path))
    is_inside = in_truth == root or in_truth.startswith(root.rstrip(os.sep) + os.sep)
    if os.path.isabs(target) or by_name.split(os.sep)[0] == os.pardir or not is_inside:
        raise ValueError(f"the link '{path}' leads out of the tree, to '{target}'; put the file itself there")
    return target
