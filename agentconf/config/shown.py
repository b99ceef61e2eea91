"""Resolved values as they may be shown: secrets as references, of cipher texts the source alone."""

from __future__ import annotations

import re
from typing import Any, Final

from agentconf.config import secrets
from agentconf.keypath import KeyPath

_USER: Final = re.compile(r"(?<=://)[^/\s]*(?=@)")
"""The user and password of an address."""


def shown_value(path: KeyPath, value: Any) -> Any:
    """A value as it may be shown: secrets as references, of cipher texts the source alone, of literals nothing."""
    if value is not None and _is_place_of_secret(path):
        return secrets.masked(value) if isinstance(value, str) else secrets.HIDDEN
    if isinstance(value, dict):
        return {key: shown_value((*path, key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown_value((*path, index), item) for index, item in enumerate(value)]
    if path[-1:] == ("api_base",) and isinstance(value, str):
        return _USER.sub(secrets.HIDDEN, value)
    in_connection = any(step in {"extra_headers", "params"} for step in path)
    is_reference = isinstance(value, str) and secrets.looks_like_reference(value)
    return secrets.masked(value) if in_connection and is_reference else value


def _is_place_of_secret(path: KeyPath) -> bool:
    """Whether a secret belongs at a path, or at one above it."""
    for index, step in enumerate(path):
        name, above = str(step), path[:index]
        is_header = above[-1:] == ("extra_headers",) and secrets.is_key_header(name)
        if name == "api_key" or is_header or ("params" in above and secrets.is_credential_name(name)):
            return True
    return False
