"""Where the files of a tree really lie: what a fix may write, and what only looks as if it lay in the tree."""

from __future__ import annotations

import os

from agentconf.source.tree import Tree


def real_path(tree: Tree, path: str) -> str:
    """The file that a path of a tree on disk leads to, links resolved. Raises OSError where they go in a circle."""
    return os.path.realpath(os.path.join(tree.origin.path, path))


def is_own(tree: Tree, path: str) -> bool:
    """Whether a file lies in the tree, and is not only linked from there: others may own what lies elsewhere."""
    if tree.origin.kind != "folder":
        return True
    return real_path(tree, path).startswith(os.path.join(os.path.realpath(tree.origin.path), ""))


def is_linked(tree: Tree, path: str) -> bool:
    """Whether a link stands on the way from the tree's root to a file."""
    if tree.origin.kind != "folder":
        return False
    return real_path(tree, path) != os.path.join(os.path.realpath(tree.origin.path), *path.split("/"))
