"""Writes anew what is generated in README.md and docs/: what commands print, in `console` blocks, and the rules.

usage: python scripts/docs.py [--check]

Each `$ command` is run from the root of the repository; what it prints is put below it. docs/rules.md is written
from the manual. With --check nothing is written, and what is stale is an error.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import manual

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)\n", re.MULTILINE)


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def printed(command: str, cache: str) -> str:
    """What a command prints, to standard output and then to standard error, on a machine that says nothing itself."""
    ours = ("AGENTCONF_", "GITHUB_", "CI_")
    said = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    places = {"XDG_CACHE_HOME": cache, "XDG_STATE_HOME": f"{cache}/state"}
    variables = said | places | {"PATH": tools, "COLUMNS": "80", "NO_COLOR": "1"}
    variables["GIT_CEILING_DIRECTORIES"] = str(ROOT)  # who wrote a line is not the same in every clone
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def refreshed(page: str, cache: str) -> str:
    """The text of a page with the output of every command written anew."""

    def block(match: re.Match[str]) -> str:
        return "".join(f"$ {command}\n{printed(command, cache)}" for command in COMMAND.findall(match[0]))

    return BLOCK.sub(block, page)


def run(arguments: list[str]) -> int:
    stale = 0
    with tempfile.TemporaryDirectory() as cache:
        for page in pages():
            written = page.read_text(encoding="utf-8")
            fresh = manual.written(refreshed(written, cache))
            if fresh != written:
                stale += 1
                name = page.relative_to(ROOT).as_posix()
                before, after = written.splitlines(keepends=True), fresh.splitlines(keepends=True)
                sys.stdout.writelines(difflib.unified_diff(before, after, name, name))
                if "--check" not in arguments:
                    page.write_text(fresh, encoding="utf-8")
    if stale and "--check" in arguments:
        print("what is generated here has changed; write it anew: make generate", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
