"""Who wrote the lines of an explanation, where the tree lies in a git repository."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from agentconf.errors import GitUnavailable
from agentconf.snapshot.explanation import Explanation
from agentconf.source.tree import Tree

if TYPE_CHECKING:
    from agentconf.source.git.blame import Blame

Blames: TypeAlias = "Mapping[tuple[str, int], Blame]"


def blames(tree: Tree, folder: str, one: Explanation) -> Blames:
    """The blame of each layer's line, by file and line. Empty outside of a repository: an explanation needs none."""
    from agentconf.source.git.blame import Blamer
    from agentconf.source.git.objects import Objects
    from agentconf.source.git.repository import locate

    lines: dict[str, set[int]] = {}
    for layer in one.layers:
        if layer.file is not None and layer.line is not None:
            lines.setdefault(layer.file, set()).add(layer.line)
    found: dict[tuple[str, int], Blame] = {}
    try:
        located = locate(folder, os.environ)
        commit = located.repository.commit_of("HEAD")
        with Objects(located.repository) as objects:
            blamer = Blamer(objects, located, commit)
            for file, numbers in lines.items():
                path = tree.below(file)
                if path in tree.files:
                    blamed = blamer.now(path, tree.files[path], numbers)
                    found |= {(file, line): blame for line, blame in blamed.items()}
    except GitUnavailable:
        return {}
    return found


def with_blames(said: dict[str, Any], known: Blames) -> dict[str, Any]:
    """What `explain --format json` prints, with the commit, author and date of each layer's line."""
    for layer in said["layers"]:
        blame = known.get((layer["file"], layer["line"]))
        if blame is not None:
            layer |= {"commit": blame.commit, "author": blame.author or None, "date": blame.date or None}
    return said


def short(blame: Blame | None) -> str:
    """`a1b2c3d4e5f6 2026-11-21 Alice`."""
    if blame is None:
        return ""
    if blame.commit is None:
        return "not committed yet"
    return f"{blame.commit[:12]} {blame.date[:10]} {blame.author}"
