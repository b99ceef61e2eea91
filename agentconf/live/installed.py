"""LiteLLM's file of models as this machine has it installed: found and read without importing LiteLLM."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agentconf.catalogue.litellm_file import LiteLLMFile, parse_litellm

_PACKAGE: Final = "litellm"
_FILE: Final = "model_prices_and_context_window_backup.json"
_LIMIT_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the file lies, and LiteLLM's version; None where that is not recorded."""

    file: str
    version: str | None


def installed_litellm() -> Installed | None:
    """LiteLLM on this machine; None where it is not installed."""
    file = _file()
    return None if file is None else Installed(file, _version())


def load_litellm() -> LiteLLMFile | None:
    """The file, read once for as long as it stays the same; None where there is none that can be read."""
    file = _file()
    try:
        status = os.stat(file) if file else None
        return _read(file, status.st_mtime_ns, status.st_size) if file and status else None
    except OSError:
        return None


def state_of_litellm() -> str:
    """What changes when another LiteLLM is installed; empty where none is. Reads nothing but the file's status."""
    file = _file()
    try:
        status = os.stat(file) if file else None
    except OSError:
        status = None
    return f"{file} {status.st_mtime_ns} {status.st_size}" if status else ""


@lru_cache(maxsize=1)
def _read(file: str, modified_ns: int, size: int) -> LiteLLMFile | None:
    with open(file, "rb") as opened:
        return parse_litellm(opened.read(_LIMIT_BYTES), _version)


def _file() -> str | None:
    try:
        found = importlib.util.find_spec(_PACKAGE)  # looks for a top-level package, and runs nothing of it
    except (ImportError, ValueError):
        return None
    for folder in (found.submodule_search_locations or ()) if found else ():
        file = os.path.join(folder, _FILE)
        if os.path.isfile(file):
            return file
    return None


def _version() -> str | None:
    from importlib import metadata  # 10 ms that only a look at the file should cost

    try:
        return metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        return None
