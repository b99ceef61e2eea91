"""A long history of a tree: many commits on top of one, made in a second by `git fast-import`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.probes.layout import agent_files
from benchmarks.repository import Repository

EVERY: Final = 10
"""One commit in so many changes a default of all agents, and another one the agent that is asked for."""


def with_history(tree: Path, commits: int) -> str:
    """Puts a tree under git, with so many commits behind the first. The id of an agent that some of them change."""
    repository = Repository(tree, [])
    repository.git("init", "--quiet")
    repository.git("checkout", "--quiet", "-b", "main")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "first")
    stream = b"".join(_commits(tree, commits))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=tree.parent, input=stream, check=True)
    repository.git("reset", "--quiet", "--hard")
    return agent_files(tree)[0].stem


def _commits(tree: Path, commits: int) -> Iterator[bytes]:
    agents = agent_files(tree)
    for number in range(commits):
        path = _changed(number, agents)
        text = (tree / path).read_bytes()
        data = text.replace(b"llm:\n", b"llm:\n  seed: %d\n" % number, 1) if b"llm:\n" in text else text + b"\n"
        said = f"change {number}"
        head = f"commit refs/heads/main\ncommitter bench <bench@example.com> {1_700_000_000 + number} +0000\n"
        yield f"{head}data {len(said)}\n{said}\n".encode()
        if number == 0:
            yield b"from refs/heads/main^0\n"
        yield f"M 100644 inline {tree.name}/{path.as_posix()}\ndata {len(data)}\n".encode() + data + b"\n"


def _changed(number: int, agents: list[Path]) -> Path:
    if number % EVERY == 0:
        return Path("_defaults.yaml")
    return agents[0] if number % EVERY == 1 else agents[number % len(agents)]
