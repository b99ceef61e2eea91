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
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from agentconf import __version__, codes
from agentconf.diagnostic import Diagnostic, Related, Rule, Severity, Span
from agentconf.redact import without_keys
from agentconf.source.private import NotPrivate, private_folder, read_private, write_whole
from agentconf.source.tree import Tree, Unread
from agentconf.validation import Validation

_ENTRY_LIMIT_BYTES: Final = 64 << 20
_KEPT_SECONDS: Final = 14 * 24 * 3600
_RULES: Final = {rule.code: rule for rule in codes.EVERY}
_SEVERITIES: Final[dict[str, Severity]] = {"error": "error", "warning": "warning"}


def cache_folder() -> Path:
    """Where outcomes lie. Raises RuntimeError where the user has no home."""
    return user_folder() / "outcomes"


def user_folder() -> Path:
    """`agentconf` in the user's cache folder: XDG_CACHE_HOME, or what the platform has in its place.

    Raises RuntimeError where the user has no home.
    """
    base = _named_folder("XDG_CACHE_HOME")
    if base is None and sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif base is None:
        base = _named_folder("LOCALAPPDATA") or Path.home() / ".cache"
    return base / "agentconf"


def _named_folder(variable: str) -> Path | None:
    """The folder that a variable names; a relative one does not count, as the specification of XDG_CACHE_HOME says."""
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None


def key_of(tree: Tree, environments: Iterable[str], beside: Iterable[str] = ()) -> str | None:
    """The name of the entry for a tree; None where something could not be read, which is never remembered.

    `beside` is what else the outcome depends on: the day, and the catalogue of models.
    """
    if tree.faults:
        return None
    said = hashlib.sha256()
    # each text with its length in front: what differs is never joined to the same
    for text in (program(), *beside, tree.shown_as, *environments):
        _add(said, text)
    _add(said, _hash(tree.metadata_schema.data) if tree.metadata_schema is not None else "")
    said.update(b"files\0")
    for path, data in tree.files.items():
        _add(said, path)
        said.update(b"%d\0" % len(data) + data)
    return said.hexdigest()


def _add(said: hashlib._Hash, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")  # a folder's name need not be UTF-8
    said.update(b"%d\0" % len(data) + data)


def program() -> str:
    """The version of this program: its number, and the state of its own files where it is being worked on."""
    newest = max((entry.stat().st_mtime_ns for entry in _sources(str(Path(__file__).parent.parent))), default=0)
    return f"{__version__} {newest}"


def _sources(folder: str) -> Iterator[os.DirEntry[str]]:
    for entry in os.scandir(folder):
        if entry.name.endswith((".py", ".json")):
            yield entry
        elif entry.name[0] != "_" and entry.is_dir():
            yield from _sources(entry.path)


def find(key: str, tree: Tree) -> Validation | None:
    """The outcome of an earlier run, or None."""
    try:
        folder = private_folder(cache_folder())
        entry = json.loads(read_private(folder / f"{key}.json", _ENTRY_LIMIT_BYTES))
        if entry["key"] != key or _hashes(tree, entry["prompts"]) != entry["prompts"]:
            return None
        return _validation(entry)
    except (OSError, NotPrivate, ArithmeticError, ValueError, LookupError, TypeError, AttributeError, RuntimeError):
        return None  # RuntimeError: no home, or a deep nesting; the rest is what a damaged entry may give


def keep(key: str, tree: Tree, outcome: Validation) -> None:
    """Remembers an outcome, unless a name in it looks like a key. A cache that cannot be written is no failure."""
    if any(without_keys(name) != name for name in (*outcome.prompts, *filter(None, outcome.environments))):
        return
    entry: dict[str, Any] = {
        "key": key,
        "prompts": _hashes(tree, outcome.prompts),
        "checked": outcome.environments,
        "outcome": outcome.as_json(),
        "replacements": [finding.replacement for finding in outcome.diagnostics],
    }
    with suppress(OSError, NotPrivate, RuntimeError):
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
    """The outcome in an entry. Raises TypeError and LookupError where the entry is not what `keep` writes."""
    said = entry["outcome"]
    return Validation(
        path=_typed(said["path"], str),
        files=_typed(said["files"], int),
        agents=_typed(said["agents"], int),
        environments=tuple(_typed(name, str, None) for name in _typed(entry["checked"], list)),
        digests={name or None: _typed(digest, str) for name, digest in _typed(said["digests"], dict).items()},
        diagnostics=tuple(
            replace(_diagnostic(finding), replacement=_typed(replacement, str, None))
            for finding, replacement in zip(said["diagnostics"], entry["replacements"], strict=True)
        ),
        prompts=tuple(_typed(entry["prompts"], dict)),
    )


def _diagnostic(said: dict[str, Any]) -> Diagnostic:
    rule: Rule = replace(_RULES[said["code"]], severity=_SEVERITIES[said["severity"]])
    return Diagnostic(
        rule,
        _typed(said["message"], str),
        _typed(said["file"], str),
        Span(*(_typed(said[name], int) for name in ("line", "column", "end_line", "end_column"))),
        key=_typed(said["key"], str, None),
        agent=_typed(said["agent"], str, None),
        environment=_typed(said["environment"], str, None),
        hint=_typed(said["hint"], str, None),
        fixable=_typed(said["fixable"], bool),
        related=tuple(_related(place) for place in _typed(said["related"], list)),
    )


def _related(said: dict[str, Any]) -> Related:
    texts = (_typed(said[name], str) for name in ("message", "file"))
    return Related(*texts, *(_typed(said[name], int) for name in ("line", "column")))


def _typed(value: Any, *types: type | None) -> Any:
    """The value, if it is of exactly one of these types (`True` is no number here); None stands for itself."""
    if type(value) not in types and not (value is None and None in types):
        raise TypeError
    return value
