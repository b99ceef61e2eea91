"""What the tests of publishing share: two trees, and what is looked at afterwards."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

OLD = {"_defaults.yaml": b"owner: old\n", "a.yaml": b"name: Old\n", "team/b.yaml": b"name: Old\n"}
NEW = {"_defaults.yaml": b"owner: new\n", "a.yaml": b"name: New\n", "team/c.yaml": b"name: New\n"}


def files_of(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def folder_of(root: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def failing(what: BaseException, *, at: int = 1) -> Callable[..., Any]:
    """A function that fails at its n-th call, and does nothing before."""
    left = [at]

    def fail(*arguments: object, **options: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise what

    return fail
