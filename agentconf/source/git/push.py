"""Sends a branch to where the clone came from.

Here the clone's own configuration counts, as it must: where the remote is, and by which keys or credential helper it is
reached. Hooks do not run, nothing is signed, nobody is asked for a password, and only the usual protocols are spoken.
"""

from __future__ import annotations

import os
import re
from typing import Final

from agentconf.source.git.command import OUTPUT_LIMIT_BYTES, Git
from agentconf.source.git.repository import Repository

_PROTOCOLS: Final = "file:git:http:https:ssh"
"""`ext` would run any program."""
_HANDED_ON: Final = ("GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO")
_NO_QUESTIONS: Final = "ssh -o BatchMode=yes"
_LINK: Final = re.compile(r"^remote:.*?(https?://[^\s@\"'<>\x00-\x1f\x7f]{1,500})", re.MULTILINE)


def remote_of(repository: Repository, branch: str | None) -> str | None:
    """The remote that a branch follows, else `origin`, else the only one; None where there is none, or a choice."""
    names = repository.git.run("remote").decode("utf-8", "replace").split()
    own = repository.git.ask("config", "--get", f"branch.{branch}.remote") if branch else None
    for name in (own.decode("utf-8", "replace").strip() if own else "", "origin"):
        if name in names:
            return name
    return names[0] if len(names) == 1 else None


def push(repository: Repository, remote: str, branch: str) -> str | None:
    """Sends a branch. The link that the forge prints, such as to open a pull request. Raises GitUnavailable."""
    git = _sending(repository.git)
    flags = ("--no-signed", "--no-follow-tags", "--no-recurse-submodules", "--no-verify")
    ref = f"refs/heads/{branch}"
    with git.start("push", *flags, "--end-of-options", remote, f"{ref}:{ref}") as process:
        process.output.rest(OUTPUT_LIMIT_BYTES)
        process.require_success()
        found = _LINK.search(process.complaint())
    return found[1].rstrip(".,;)") if found else None


def _sending(git: Git) -> Git:
    own = {name: os.fspath(git.environment[name]) for name in _HANDED_ON if name in git.environment}
    if not own.keys() & {"GIT_SSH", "GIT_SSH_COMMAND"} and not git.ask("config", "--get", "core.sshCommand"):
        own["GIT_SSH_COMMAND"] = _NO_QUESTIONS
    return git.given({"GIT_ASKPASS": "", **own, "GIT_ALLOW_PROTOCOL": _PROTOCOLS})
