"""What is raised where the record of calls cannot be had; known where SQLAlchemy is not, too."""

from __future__ import annotations

from agentconf.errors import AgentconfError


class UsageUnavailable(AgentconfError):
    """The record of calls cannot be read or written now; the message says where it lies, why, and what to do."""
