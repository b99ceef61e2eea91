"""The file that tokens are kept in: JSON, written whole, for this user alone."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

from agentconf.errors import SourceUnavailable
from agentconf.server.access.token import Token, token_from
from agentconf.source.publish import publish_file
from agentconf.source.system import reason_of

_LARGEST_BYTES: Final = 4 << 20
_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


def read_tokens(path: str) -> dict[str, Token]:
    """The tokens by their ids. Raises SourceUnavailable, which names the file and the way out."""
    try:
        said = json.loads(_data(path))
    except SourceUnavailable:
        raise
    except OSError as error:
        raise SourceUnavailable(f"cannot read the tokens in {path}: {reason_of(error)}") from error
    except (ValueError, RecursionError):
        raise SourceUnavailable(f"{path} is no file of tokens; 'agentconf token new' writes one") from None
    found: dict[str, Token] = {}
    for number, one in enumerate(_listed(path, said), 1):
        try:
            token = token_from(one)
        except ValueError as error:
            raise SourceUnavailable(f"{path}: token {number}: {error}") from None
        if token.id in found:
            raise SourceUnavailable(f"{path}: there are two tokens '{token.id}'; remove one")
        found[token.id] = token
    return found


def change_tokens(path: str, change: Callable[[dict[str, Token]], dict[str, Token]]) -> None:
    """Write the tokens that a function makes of those that are there; two that write at a time go one by one.

    Raises SourceUnavailable, OSError, and what the function raises; then the file is as it was.
    """
    with _alone(path):
        is_there = os.path.exists(path)
        after = change(read_tokens(path) if is_there else {})
        text = json.dumps({"tokens": [after[name].as_json() for name in sorted(after)]}, indent=2, ensure_ascii=False)
        if is_there:
            publish_file(path, f"{text}\n")
        else:
            _create(path, f"{text}\n".encode())


def _data(path: str) -> bytes:
    """Raises OSError, and SourceUnavailable for what is no small file that only its owner writes."""
    descriptor = os.open(path, _OPEN)
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise SourceUnavailable(f"{path} is no file, and so holds no tokens")
        if found.st_mode & stat.S_IWOTH:
            raise SourceUnavailable(f"everybody on this machine may write {path}; take that away: chmod o-w {path}")
        if found.st_size > _LARGEST_BYTES:
            raise SourceUnavailable(f"{path} is larger than 4 MiB, and no file of tokens")
        return file.read(_LARGEST_BYTES)


def _listed(path: str, said: Any) -> list[Any]:
    tokens = said.get("tokens") if isinstance(said, dict) else None
    if not isinstance(tokens, list):
        raise SourceUnavailable(f"{path} has no list 'tokens'; 'agentconf token new' writes one")
    return tokens


def _create(path: str, data: bytes) -> None:
    with os.fdopen(os.open(path, _CREATE | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _alone(path: str) -> Generator[None]:
    """Nobody else changes the file meanwhile. The lock lies beside it, since the file itself is replaced."""
    try:
        descriptor = os.open(f"{path}.lock", _CREATE, 0o600)
    except OSError as error:
        raise SourceUnavailable(f"cannot write the tokens in {path}: {(error.strerror or '').lower()}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
