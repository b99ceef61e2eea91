"""Prompts in Git LFS: a commit holds pointers, and the working tree the texts that they point at."""

from __future__ import annotations

from dataclasses import replace

from agentconf.source.pointer import is_pointer, points_at
from agentconf.source.tree import Tree, Unread


def followed(tree: Tree, other: Tree) -> Tree:
    """A commit's tree, whose pointers are the other side's texts where those are just what they point at."""
    if tree.origin.kind != "git" or other.origin.kind == "git":
        return tree

    def open_prompt(path: str) -> bytes | Unread:
        data = tree.open_prompt(path)
        if isinstance(data, bytes) and is_pointer(data):
            text = other.open_prompt(path)
            if isinstance(text, bytes) and points_at(data, text):
                return text
        return data

    return replace(tree, open_prompt=open_prompt)
