"""Runs git, so that nothing in a repository is run, fetched or written by reading it.

A repository is somebody else's text, its configuration included, and git's configuration may name programs.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from tempfile import TemporaryFile
from typing import IO, Final, Self

from agentconf.errors import GitUnavailable
from agentconf.source.git.output import Output
from agentconf.source.git.refusals import explained
from agentconf.source.system import reason_of

OUTPUT_LIMIT_BYTES: Final = 256 << 20
_STDERR_LIMIT_BYTES: Final = 16 << 10
_ENDING_S: Final = 10.0
"""A git that has closed its output has nothing left to do."""

_SETTINGS: Final = {
    "color.ui": "false",
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "i18n.logOutputEncoding": "UTF-8",
    "log.follow": "false",
    "log.showSignature": "false",  # it would run gpg.program
    "protocol.allow": "never",
}
_VARIABLES: Final = {
    "GIT_ALLOW_PROTOCOL": "none",  # a repository may allow one by name, which goes before protocol.allow
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # what was committed, and not what is shown in its place
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_HANDED_ON: Final = ("GIT_CEILING_DIRECTORIES", "GIT_CONFIG", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH")
"""Of the user's own GIT_ variables; inside a hook the others say which repository, and we know better."""


@dataclass(frozen=True, slots=True)
class Git:
    """Git in a folder. `environment` is that of the process: git finds itself, its user and whom it trusts there."""

    environment: Mapping[str, str]
    folder: str
    variables: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    """Both go before those that are always set."""

    def given(self, variables: Mapping[str, str], settings: Mapping[str, str] | None = None) -> Git:
        """The same git with further variables, such as an index of its own, and settings."""
        both = {**self.variables, **variables}, {**self.settings, **(settings or {})}
        return replace(self, variables=both[0], settings=both[1])

    def run(self, *arguments: str) -> bytes:
        """What a command prints. Raises GitUnavailable."""
        with self.start(*arguments) as process:
            printed = process.output.rest(OUTPUT_LIMIT_BYTES)
            process.require_success()
            return printed

    def feed(self, data: bytes, *arguments: str) -> bytes:
        """What a command prints that is handed some data. Raises GitUnavailable."""
        with TemporaryFile() as handed:
            handed.write(data)
            handed.seek(0)
            with self.start(*arguments, stdin=handed) as process:
                printed = process.output.rest(OUTPUT_LIMIT_BYTES)
                process.require_success()
                return printed

    def ask(self, *arguments: str) -> bytes | None:
        """The same of a command that may say that there is none: it ends with 1, or without a word.

        Raises GitUnavailable.
        """
        with self.start(*arguments) as process:
            printed = process.output.rest(OUTPUT_LIMIT_BYTES)
            status = process.ended_with()
            if status == 1 or (status and not process.complaint()):
                return None
            process.require_success()
            return printed

    def fields(self, *arguments: str) -> Generator[bytes]:
        """What a command prints with a NUL behind each field, as it comes. Raises GitUnavailable."""
        with self.start(*arguments) as process:
            yield from process.output.fields()
            process.require_success()

    def start(self, *arguments: str, stdin: int | IO[bytes] = subprocess.DEVNULL) -> Process:
        """A command that runs; to be used in a `with`, which ends it."""
        chosen = {**_SETTINGS, **self.settings}
        settings = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        command = ["git", "-C", self.folder, "--no-pager", "--no-optional-locks", *settings, *arguments]
        if any("\0" in argument for argument in command):
            raise GitUnavailable("no name in git holds a NUL character")
        return Process(command, _variables(self.environment) | dict(self.variables), stdin)


class Process:
    """One git. Its errors go to a file, so that neither of us waits for the other with a full pipe."""

    def __init__(self, command: list[str], variables: dict[str, str], stdin: int | IO[bytes]) -> None:
        self._errors = TemporaryFile()  # noqa: SIM115  # closed with the process
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the arguments are ours; what users name stands as data
                command, stdin=stdin, stdout=subprocess.PIPE, stderr=self._errors, env=variables, bufsize=0
            )
        except OSError as error:
            self._errors.close()
            raise GitUnavailable(_not_started(error)) from error
        assert self._process.stdout is not None
        self.output = Output(self._process.stdout.fileno())

    def write(self, data: bytes) -> None:
        """Raises GitUnavailable where git has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except OSError as error:
            raise self.failure() from error

    def ended_with(self) -> int:
        """The exit status. Raises GitUnavailable where git closes its output and does not end."""
        try:
            return self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired as error:
            raise GitUnavailable("git does not end; look for a git command that hangs") from error

    def require_success(self) -> None:
        if self.ended_with():
            raise self.failure()

    def failure(self) -> GitUnavailable:
        """Why git ended, in our words."""
        status = self.ended_with()
        return GitUnavailable(explained(self.complaint(), status))

    def complaint(self) -> str:
        """What git has printed on its standard error."""
        self._errors.seek(0)
        return self._errors.read(_STDERR_LIMIT_BYTES).decode("utf-8", "replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends git, whatever it is doing."""
        if self._process.poll() is None:
            self._process.kill()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()
        self._process.wait()


def _variables(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in environment.items()
        if name != "LANGUAGE" and (not name.startswith("GIT_") or name.startswith(_HANDED_ON))
    }
    return kept | _VARIABLES


def _not_started(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "git is not installed, or not on the PATH; install it to look at commits"
    return f"git cannot be started: {reason_of(error)}"
