"""What git says when it refuses, in one sentence with the way out."""

from __future__ import annotations

import re
from typing import Final

from agentconf.redact import printable, without_keys

SHALLOW: Final = (
    "this clone is shallow: set fetch-depth: 0 where the workflow checks out, or run 'git fetch --unshallow'"
)
PARTIAL: Final = (
    "this clone lacks objects, and agentconf fetches none: "
    "if it is a partial one, run 'git fetch --refetch --no-filter', or clone without --filter"
)
NO_REPOSITORY: Final = "this is no git repository; run the command in a clone"

_OWNER: Final = re.compile(
    r"(?:dubious ownership in repository at|unsafe repository \()\s*'(?P<at>[^'\n]*)'", re.IGNORECASE
)
_KNOWN: Final = (
    (re.compile("not a git repository|must be run in a work tree"), NO_REPOSITORY),
    (re.compile("promisor|lazy fetch"), PARTIAL),
    (re.compile("cannot use bare repository"), "git refuses bare repositories (safe.bareRepository is 'explicit')"),
    (re.compile("unknown option|usage: git"), "this git is too old; install 2.30 or newer"),
)
_SHOWN_AT_MOST: Final = 200


def explained(said: str, status: int) -> str:
    """`said` is what git printed on its standard error."""
    untrusted = _OWNER.search(said)
    if untrusted:
        at = printable(untrusted["at"])
        return (
            f"git does not trust the repository at '{at}', which another user owns; "
            f"if you do, run: git config --global --add safe.directory '{at}'"
        )
    for form, sentence in _KNOWN:
        if form.search(said):
            return sentence
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:"))] or said.splitlines()
    if not lines:
        return f"git ended with {status} and said nothing"
    return f"git says: {shown(lines[0].partition(': ')[2] or lines[0])}"


def shown(text: str) -> str:
    """A name or a sentence of somebody else's, as it may be printed."""
    short = text if len(text) <= _SHOWN_AT_MOST else f"{text[:_SHOWN_AT_MOST]}..."
    return without_keys(printable(short))
