"""The digest of a configuration: what it says, not how it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from agentconf.config.shape import canonical_text

PREFIX: Final = "sha256:"
_PIECE_BYTES: Final = 2_000


def agent_digest(config: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a resolved agent: sorted keys, no spaces, 1.0 and 1 the same number.

    A disabled agent is not served, so nothing of it counts but that it is there.
    """
    said = {"enabled": False} if config.get("enabled") is False else config
    return text_digest(canonical_text(said))


def text_digest(text: str) -> str:
    """The digest of what is canonical JSON already."""
    return _sha256(text.encode())


def feed(digest: hashlib._Hash, data: bytes) -> None:
    """Add data to a digest, in pieces for which hashlib keeps the interpreter's lock.

    From 2,048 bytes on it lets the lock go, only to take it back a microsecond later. A thread that waits is woken by
    that each time, finds the lock taken, and begins to wait anew: while ten thousand agents are hashed it never asks
    for its turn, and a reader of the served snapshot would stand still for as long.
    """
    for start in range(0, len(data), _PIECE_BYTES):
        digest.update(data[start : start + _PIECE_BYTES])


def _sha256(data: bytes) -> str:
    digest = hashlib.sha256()
    feed(digest, data)
    return digest.hexdigest()


def tree_digest(agents: Mapping[str, str], default_agent: str | None) -> str:
    """`sha256:` and the digest over the ids, the agents' digests in the order of the ids, and the default agent."""
    return lines_digest(digest_lines(agents), default_agent)


def digest_lines(agents: Mapping[str, str]) -> dict[str, str]:
    """What each agent adds to the digest of its tree, by id and in their order: where few change, few are made anew."""
    return {agent_id: digest_line(agent_id, agents[agent_id]) for agent_id in sorted(agents)}


def digest_line(agent_id: str, digest: str) -> str:
    return f"{agent_id} {digest}\n"


def lines_digest(lines: Mapping[str, str], default_agent: str | None) -> str:
    """The digest of a tree from the lines of its agents."""
    said = f"agentconf 1\n{default_agent or ''}\n{''.join(lines.values())}"
    return PREFIX + hashlib.sha256(said.encode()).hexdigest()
