"""Where output goes: results to standard output or a file, the rest to standard error; colour on a terminal alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from agentconf.progress import Progress
from agentconf.redact import printable, without_keys

_WORTH_A_BAR = 2000


def is_terminal() -> bool:
    """Whether standard output is looked at by a person."""
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def has_colour() -> bool:
    return is_terminal() and not os.environ.get("NO_COLOR")


def style(text: str, **how: Any) -> str:
    """Colours a text where colours are wanted."""
    return click.style(text, **how) if has_colour() else text


def write(text: str, output: Path | None = None) -> None:
    """Prints a result, or writes it to a file. Raises click.ClickException where that cannot be done."""
    if output is not None:
        try:
            output.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise click.ClickException(f"cannot write {output}: {(error.strerror or '').lower()}") from None
    elif sys.stdout is None:
        raise click.ClickException("standard output is closed, and the result has nowhere to go")
    else:
        sys.stdout.write(text)  # not click.echo, which writes UTF-8 where the locale says ASCII


def note(text: str) -> None:
    """Says something beside the result."""
    if sys.stderr is not None:
        print(printable(without_keys(text)), file=sys.stderr)  # noqa: T201


@contextmanager
def progress(total: int, label: str, worth_a_bar: int = _WORTH_A_BAR) -> Iterator[Progress | None]:
    """A bar on standard error, where the work is long and somebody looks on."""
    if total < worth_a_bar or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
        yield lambda done: bar.update(done - bar.pos)
        bar.update(total - bar.pos)
