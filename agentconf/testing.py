"""For the tests of services that read agentconf: a snapshot without a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from agentconf import pipeline
from agentconf.live.load import seal
from agentconf.snapshot.snapshot import Snapshot
from agentconf.source.tree import tree_of

_TO_ESCAPE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")

_KEY_LIMIT: Final = 1000
"""YAML looks 1024 characters ahead for the colon."""


def snapshot_of(files: Mapping[str, Mapping[str, Any]], *, environment: str | None = None) -> Snapshot:
    """The snapshot of a tree given as mappings, by the same pipeline that reads files.

    The keys are the files' names without `.yaml`: an agent's id, `trading/strategist`, `_defaults`,
    `_environments/prod`. Raises InvalidConfig and UnknownEnvironment, as `load` does,
    and ValueError where a file could not hold what is given.

        >>> snapshot = snapshot_of({"code-assistant": {"llm": {"model": "openai/gpt-4.1"}}})
        >>> snapshot["code-assistant"].llm.model
        'openai/gpt-4.1'
    """
    written = {f"{_checked(name)}.yaml": _yaml(name, value) for name, value in files.items()}
    return seal(pipeline.draft(tree_of(written)), environment).require_valid()


def _checked(name: str) -> str:
    """The name, if a file of a tree can have it."""
    if not name.isprintable() or any(part in {"", ".", ".."} for part in name.split("/")):
        raise ValueError(f"{name!r} cannot be a file's name; write an agent's id, or FOLDER/ID")
    return name


def _yaml(name: str, value: Mapping[str, Any]) -> bytes:
    """JSON that is YAML too: what YAML wants escaped is escaped."""
    if any(len(json.dumps(key)) > _KEY_LIMIT for key in _keys(value)):
        raise ValueError(f"{name!r} holds a key of more than {_KEY_LIMIT} characters, which no file can hold")
    try:
        text = json.dumps(dict(value), ensure_ascii=False, allow_nan=False)
        return _TO_ESCAPE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name!r} holds half a character (a lone surrogate), which no file can hold") from None
    except ValueError as error:
        raise ValueError(f"{name!r} holds a value that no file can hold: {error}") from None


def _keys(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _keys(item)
