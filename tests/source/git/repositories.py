"""Real repositories, made by real git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from agentconf.source.git.commit_tree import CommitTree, read_commit
from agentconf.source.git.objects import Objects
from agentconf.source.git.repository import Located, locate

AGENT = "llm: {model: openai/gpt-4.1}\n"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
_AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (
    ("NAME", "Ada Löve"), ("EMAIL", "ada@example.net"), ("DATE", "1700000000 +0130"),
)}  # fmt: skip


def git(folder: Path, *arguments: str, stdin: bytes = b"", more: Mapping[str, str] | None = None) -> str:
    """What git prints."""
    command = ["git", "-C", str(folder), "-c", "protocol.file.allow=always", *arguments]
    variables = {**ENVIRONMENT, **_AUTHOR, **(more or {})}
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=variables)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8", "replace").strip()


class Repo:
    """A repository with a work tree, whose config tree is `agents.d`."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.tree = folder / "agents.d"
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, more: Mapping[str, str] | None = None) -> str:
        return git(self.folder, *arguments, more=more)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Files by their paths in the repository."""
        for path, data in files.items():
            at = self.folder / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(data.encode() if isinstance(data, str) else data)

    def commit(self, subject: str = "Change", files: Mapping[str, str | bytes] | None = None) -> str:
        """All that lies there. The commit's id."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "--no-gpg-sign", "-m", subject)
        return self.git("rev-parse", "HEAD")

    def located(self, path: str = "agents.d") -> Located:
        return locate(self.folder / path, ENVIRONMENT)

    def read(self, commit: str = "HEAD", path: str = "agents.d") -> CommitTree:
        """The tree at a commit, its prompts to be read afterwards."""
        return read(self.located(path), commit)


def read(located: Located, commit: str = "HEAD") -> CommitTree:
    with Objects(located.repository) as objects:
        return read_commit(objects, located, located.repository.commit_of(commit))
