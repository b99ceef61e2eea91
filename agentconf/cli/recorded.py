"""`--usage FILE`: recorded usage, from a file or a pipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from agentconf.diff.usage import Record

_LIMIT_BYTES: Final = 256 << 20


def recorded(file: Path | None) -> tuple[Record, ...] | None:
    """The records of a file; None without one. Raises click.ClickException and UnreadableUsage."""
    from agentconf.diff.usage import read_usage

    if file is None:
        return None
    try:
        with file.open("rb") as stream:
            data = stream.read(_LIMIT_BYTES + 1)
    except OSError as error:
        raise click.ClickException(f"cannot read {file}: {(error.strerror or '').lower()}") from None
    if len(data) > _LIMIT_BYTES:
        raise click.ClickException(f"{file} is larger than 256 MiB; sum it up by agent and model")
    try:
        return tuple(read_usage(data.decode("utf-8")))
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8 text") from None
