"""Where a machine keeps what must outlive a process: the counters of limits, and the record of calls."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agentconf.source.private import private_folder


def state_folder() -> Path:
    """`agentconf` in the user's state folder: XDG_STATE_HOME, or what the platform has in its place; made if missing.

    Only this user may read it. Raises NotPrivate, OSError, and RuntimeError where the user has no home.
    """
    said = Path(os.environ.get("XDG_STATE_HOME", ""))
    if said.is_absolute():
        base = said
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path.home() / ".local" / "state"
    return private_folder(base / "agentconf")


def tree_name(path: str) -> str:
    """By which a tree's calls and counters are known: its folder in full, links and all, or the server's address."""
    return path if "://" in path else os.path.abspath(path)
