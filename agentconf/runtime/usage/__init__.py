"""What was used: each call as a record, kept in a database, and reported."""

from __future__ import annotations

from typing import Final

NEEDS: Final = (
    "the record of calls needs SQLAlchemy, which the extra `litellm` brings: pip install 'agentconf-gitops[litellm]'"
)
"""What NotInstalled says."""
