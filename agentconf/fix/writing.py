"""A fixed tree to its disk: each changed file in one step, and none where something has come between."""

from __future__ import annotations

import os

from agentconf.errors import EditRefused
from agentconf.fix import place
from agentconf.source.folder import FILE_LIMIT_BYTES, read_regular
from agentconf.source.publish import publish_file
from agentconf.source.tree import Tree


def write(before: Tree, after: Tree) -> list[str]:
    """Write the files that differ; their paths, in order. A link stays, and the file that it leads to is written.

    Raises EditRefused, with nothing written, where a file has changed since it was read, lies outside of the tree or
    may not be written; and OSError where writing fails, which leaves each file as it was or as it is to be.
    """
    changed = [path for path in after.files if after.files[path] != before.files[path]]
    targets: dict[str, bytes] = {}
    for path in changed:
        real = place.real_path(before, path)
        if real not in targets:  # of two names for one file the first decides
            _require_as_read(before, path, real)
            targets[real] = after.files[path]
    for real, data in targets.items():
        publish_file(real, data)
    return changed


def _require_as_read(tree: Tree, path: str, real: str) -> None:
    """Raises EditRefused where a file is not what it was, or is not the tree's to write."""
    shown = tree.shown(path)
    if not place.is_own(tree, path):
        raise EditRefused(f"{shown} leads out of the tree, and is not written; nothing was")
    if read_regular(real, FILE_LIMIT_BYTES) != tree.files[path]:
        raise EditRefused(f"{shown} has changed since it was read; nothing was written, run this again")
    for one in (real, os.path.dirname(real)):
        if not os.access(one, os.W_OK):
            raise EditRefused(f"{shown} cannot be written: it or its folder is read-only; nothing was written")
