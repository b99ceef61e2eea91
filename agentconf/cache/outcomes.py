"""Outcomes of `validate` by content: the same bytes and the same program give the same findings.

An entry is JSON, and only data: reading one runs nothing. It names the prompt files that were read with their hashes;
it counts only while they still hold. What cannot be read, or does not hold, is as if it were not there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agentconf import __version__, codes
from agentconf.diagnostic import Diagnostic, Related, Rule, Span
from agentconf.source.private import NotPrivate, private_folder, read_private, write_whole
from agentconf.source.tree import Tree, Unread
from agentconf.validation import Validation

_ENTRY_LIMIT_BYTES: Final = 64 << 20
_KEPT_SECONDS: Final = 14 * 24 * 3600
_RULES: Final = {(rule.code, rule.severity): rule for rule in codes.EVERY}


def cache_folder() -> Path:
    """`agentconf/outcomes` in the user's cache folder: XDG_CACHE_HOME, or what the platform has in its place."""
    if os.environ.get("XDG_CACHE_HOME"):
        base = Path(os.environ["XDG_CACHE_HOME"])
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ["LOCALAPPDATA"]) if os.environ.get("LOCALAPPDATA") else Path.home() / ".cache"
    return base / "agentconf" / "outcomes"


def key_of(tree: Tree, environments: Iterable[str]) -> str | None:
    """The name of the entry for a tree; None where something could not be read, which is never remembered."""
    if tree.faults:
        return None
    said = hashlib.sha256(f"{program()}\0{tree.shown_as}\0{','.join(environments)}\0".encode())
    for path, data in tree.files.items():
        said.update(f"{len(path.encode())} {len(data)} {path}\0".encode())
        said.update(data)
    return said.hexdigest()


def program() -> str:
    """The version of this program: its number, and the state of its own files where it is being worked on."""
    package = Path(__file__).parent.parent
    newest = max((entry.stat().st_mtime_ns for folder in _folders(package) for entry in _sources(folder)), default=0)
    return f"{__version__} {newest}"


def _folders(package: Path) -> list[Path]:
    return [package, *(Path(entry.path) for entry in os.scandir(package) if entry.is_dir() and entry.name[0] != "_")]


def _sources(folder: Path) -> list[os.DirEntry[str]]:
    return [entry for entry in os.scandir(folder) if entry.name.endswith(".py")]


def find(key: str, tree: Tree) -> Validation | None:
    """The outcome of an earlier run, or None."""
    try:
        folder = private_folder(cache_folder())
        entry = json.loads(read_private(folder / f"{key}.json", _ENTRY_LIMIT_BYTES))
        if entry["key"] != key or _hashes(tree, entry["prompts"]) != entry["prompts"]:
            return None
        return _validation(entry)
    except (OSError, NotPrivate, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def keep(key: str, tree: Tree, outcome: Validation) -> None:
    """Remembers an outcome. A cache that cannot be written is no reason to fail."""
    entry: dict[str, Any] = {
        "key": key,
        "prompts": _hashes(tree, outcome.prompts),
        "checked": outcome.environments,
        "outcome": outcome.as_json(),
    }
    with suppress(OSError, NotPrivate):
        folder = private_folder(cache_folder())
        write_whole(folder / f"{key}.json", json.dumps(entry).encode())
        _forget_old(folder)


def _forget_old(folder: Path) -> None:
    oldest = time.time() - _KEPT_SECONDS
    for entry in os.scandir(folder):
        with suppress(OSError):
            if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < oldest:
                os.unlink(entry.path)


def _hashes(tree: Tree, prompts: Iterable[str]) -> dict[str, str]:
    return {path: _hash(tree.open_prompt(path)) for path in prompts}


def _hash(data: bytes | Unread) -> str:
    return f"unread: {data.reason}" if isinstance(data, Unread) else hashlib.sha256(data).hexdigest()


def _validation(entry: dict[str, Any]) -> Validation:
    said = entry["outcome"]
    return Validation(
        path=said["path"],
        files=int(said["files"]),
        agents=int(said["agents"]),
        environments=tuple(entry["checked"]),
        digests={name or None: str(digest) for name, digest in said["digests"].items()},
        diagnostics=tuple(_diagnostic(finding) for finding in said["diagnostics"]),
        prompts=tuple(entry["prompts"]),
    )


def _diagnostic(said: dict[str, Any]) -> Diagnostic:
    rule: Rule = _RULES[said["code"], said["severity"]]
    span = Span(*(int(said[name]) for name in ("line", "column", "end_line", "end_column")))
    related = tuple(Related(**place) for place in said["related"])
    finding = Diagnostic(rule, said["message"], said["file"], span, said["key"], said["agent"], said["environment"])
    return replace(finding, hint=said["hint"], fixable=bool(said["fixable"]), related=related)
