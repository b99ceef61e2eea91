"""Waiting for LiteLLM, which takes seconds to import."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def is_watched() -> bool:
    """Whether standard error is looked at by a person."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def loading_litellm() -> Iterator[None]:
    """Says so to a person, and takes it away again.

    The garbage collector leaves the thousands of modules alone, now and when the process ends: a third of the time.
    """
    _show("loading LiteLLM ...")
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        _show("\r\x1b[K")


def _show(said: str) -> None:
    if is_watched():
        print(said, end="", file=sys.stderr, flush=True)  # noqa: T201
