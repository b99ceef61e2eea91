"""Owners, as they are written and as git takes them for authors."""

from __future__ import annotations

import re
from typing import Final

from agentconf.server.access.caller import Owner

_OWNER: Final = re.compile(r"(?P<name>[^<>]{1,100}?) *<(?P<email>[^<>\s@]{1,64}@[^<>\s@]{1,190})>")


def owner_of(text: str) -> Owner:
    """An owner as git writes an author. Raises ValueError."""
    match = _OWNER.fullmatch(text.strip())
    if match is None or not text.strip().isprintable() or not _is_author(match["name"]):
        shown = text.encode("ascii", "backslashreplace").decode() if not text.isprintable() else text
        raise ValueError(f"'{shown}' is no owner; write a name and an address: 'Ada Lovelace <ada@example.com>'")
    return Owner(match["name"], match["email"])


def _is_author(name: str) -> bool:
    """Whether git takes a name: of one that is signs alone it would leave nothing."""
    return any(letter.isalnum() for letter in name)
