"""Which paths differ between two commits: a quick first answer, before anything is read."""

from __future__ import annotations

import os
from collections.abc import Mapping

from agentconf.source.git.repository import Located


def changed_paths(located: Located, base: str, head: str) -> Mapping[str, str]:
    """`A`, `D`, `M` or `T` (another kind of file) by path below the folder. Both are ids of commits.

    By names alone: a rename is a `D` and an `A`, and what a link leads to outside of the folder is not looked at; see
    `CommitTree.reaches` and `oids`. There is no working tree here: git would run the programs that convert files, as
    the repository names them; compare with the bytes of `read_folder` instead. Raises GitUnavailable.
    """
    command = ["diff-tree", "-r", "-z", "--name-status", "--no-renames", "--no-ext-diff", "--no-textconv"]
    where = ["--", located.folder] if located.folder else []
    said = located.repository.git.run(*command, "--end-of-options", base, head, *where).split(b"\0")
    below = f"{located.folder}/" if located.folder else ""
    pairs = zip(said[::2], said[1::2], strict=False)
    return {os.fsdecode(path).removeprefix(below): kind.decode() for kind, path in pairs}
