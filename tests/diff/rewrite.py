"""Writes the expectations of `tests/cases/diff` anew: `python -m tests.diff.rewrite [NAME...]`. Read what git shows."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.diff.cases import CASES, FORMATS, reviewed


def rewrite(case: Path) -> None:
    found = reviewed(case)
    for suffix, render in FORMATS.items():
        (case / f"expected.{suffix}").write_text(render(found), encoding="utf-8")


if __name__ == "__main__":
    for one in CASES:
        if not sys.argv[1:] or one.name in sys.argv[1:]:
            rewrite(one)
