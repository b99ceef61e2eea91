"""Where others install agentconf from: what `init` writes into a workflow and a pre-commit file."""

from __future__ import annotations

from typing import Final

ADDRESS: Final = "https://git.example.com/agentconf"
"""Nothing is published yet. This name can belong to nobody, so that nobody can answer for it."""
