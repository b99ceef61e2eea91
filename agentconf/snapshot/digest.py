"""The digest of a configuration: what it says, not how it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from agentconf.config.shape import canonical_text

PREFIX: Final = "sha256:"


def agent_digest(config: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a resolved agent: sorted keys, no spaces, 1.0 and 1 the same number.

    A disabled agent is not served, so nothing of it counts but that it is there.
    """
    said = {"enabled": False} if config.get("enabled") is False else config
    return hashlib.sha256(canonical_text(said).encode()).hexdigest()


def tree_digest(agents: Mapping[str, str], default_agent: str | None) -> str:
    """`sha256:` and the digest over the ids, the agents' digests in the order of the ids, and the default agent."""
    lines = [f"{agent_id} {agents[agent_id]}\n" for agent_id in sorted(agents)]
    said = f"agentconf 1\n{default_agent or ''}\n{''.join(lines)}"
    return PREFIX + hashlib.sha256(said.encode()).hexdigest()
