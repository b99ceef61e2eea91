"""A git repository with a tree of agents and two branches, which differ in some of the files."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.talk import Talk
from benchmarks.writes import Yamls

BRANCHES = ("base", "other")


@dataclass(frozen=True, slots=True)
class Repository:
    """`tree` lies in the work tree; in each branch the files of these agents have the branch's name as their ticket."""

    tree: Path
    agent_ids: list[str]

    @classmethod
    def of(cls, tree: Path, files: int) -> Repository:
        """Put an existing tree under git; `base` is checked out."""
        yamls = Yamls(tree)
        repository = cls(tree, yamls.ids[:: max(1, len(yamls.ids) // files)][:files])
        repository.git("init", "--quiet")
        for branch in reversed(BRANCHES):
            repository.git("checkout", "--quiet", "-b", branch)
            yamls.mark(repository.agent_ids, branch)
            repository.git("add", "--all")
            repository.git("commit", "--quiet", "--message", branch)
        return repository

    def timed_checkout(self, talk: Talk, branch: str) -> tuple[float, int]:
        """Milliseconds from git's end until all is served, and how often something new was served."""
        talk.say("see_all", self.agent_ids, branch)
        time.sleep(0.3)
        self.git("checkout", "--quiet", branch)
        ended_at = time.monotonic_ns()
        answer = talk.answer()
        return (answer["at"] - ended_at) / 1e6, answer["swaps"]

    def git(self, *arguments: str) -> None:
        """As if nobody had configured git. Raises CalledProcessError."""
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
        variables = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", *identity, *arguments], cwd=self.tree.parent, env=variables, check=True)
