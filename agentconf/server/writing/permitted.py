"""What a writer may not write, though a person with a commit may: a review is no part of the way from here.

Only references that the settings allow in words, no literal keys (an excuse in the file excuses none of them), and no
prompt that is one of the tree's own files.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from agentconf.config.secrets import NotAReference, SecretReference, looks_like_reference, parse_reference
from agentconf.keypath import KeyPath, render
from agentconf.rules.keys.find import find_keys
from agentconf.secrets.allowed import Allowed
from agentconf.server.problem import Kind, Problem
from agentconf.server.writing.masks import still_masked
from agentconf.source import layout

NOT_PERMITTED: Final = Kind("not-for-writers", 422, "A writer may not write this")
_CONNECTION: Final = ("model", "api_base", "api_key", "api_version", "extra_headers")
"""Whoever changes one of these beside a reference says anew where the secret goes."""
_KEPT_ELSEWHERE: Final = {"env": "env", "file": "files"}
"""The sources whose values lie on the machine, and the key of the settings that allows their names."""


def require_agents_name(name: str) -> None:
    """That a write is about no file that agents share. Raises Problem (422)."""
    why = layout.shared(name)
    if why is not None:
        raise Problem(NOT_PERMITTED, why)


def forbidden(value: dict[str, Any], before: dict[str, Any], allowed: Allowed) -> Iterator[str]:
    """Each thing in a document that a writer may not write, as a sentence. What stood there before may stay."""
    for path in still_masked(value, before):
        yield f"{render(path)} is a mask, and not what it hides: leave the key out, or send it where it was"
    known = set(_texts(before))
    for path, text in _strings(value):
        if text not in known and any(find_keys(text)):
            yield f"{render(path)} looks like a key; write a reference to it, such as ${{env:NAME}}"
    for path, file in _prompts(value):
        if file not in known and not _is_prompt(file):
            yield f"{render(path)} names no prompt: a writer may name files whose names begin with no dot and no '_'"
    yield from _references(value, before, allowed)


def _references(value: dict[str, Any], before: dict[str, Any], allowed: Allowed) -> Iterator[str]:
    known, texts = {_projection(mapping) for _, mapping in _mappings(before)}, set(_texts(before))
    for path, mapping in _mappings(value):
        if _projection(mapping) in known:
            continue
        for key in _CONNECTION:
            for below, text in _strings(mapping.get(key), (*path, key)):
                why = _refusal(text, allowed, texts) if looks_like_reference(text) else None
                if why:
                    yield f"{render(below)} names {why}"


def _refusal(text: str, allowed: Allowed, known: Collection[str]) -> str | None:
    """Why a writer may not name it. Where the settings say nothing, nothing of this machine may be named.

    A cipher text that is among the known ones holds somebody else's secret; a new one brings the writer's own along.
    """
    try:
        reference = parse_reference(text)
    except NotAReference:
        return None  # the line says so, and where
    if reference.source not in _KEPT_ELSEWHERE:
        said = "a cipher text that was meant for another model, address or headers; send a new one with this change"
        return said if text in known else None
    if _may_name(reference, allowed):
        return None
    key = _KEPT_ELSEWHERE[reference.source]
    return f"{reference}, which the settings do not allow: see secrets.{key} in _settings.yaml"


def _may_name(reference: SecretReference, allowed: Allowed) -> bool:
    if reference.source == "env":
        return allowed.env is not None and allowed.may_name_variable(reference.name)
    return allowed.files is not None and bool(allowed.patterns_of_files(reference.name))


def _projection(mapping: Mapping[str, Any]) -> str:
    """Where the secrets of a mapping go: of a model, its provider decides."""
    said = {key: mapping[key] for key in _CONNECTION if key in mapping}
    provider, slash, _ = str(said.get("model", "")).partition("/")
    return json.dumps(said | {"model": provider} if slash else said, sort_keys=True)


def _mappings(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Every mapping that says something of a connection."""
    if isinstance(value, dict):
        if not value.keys().isdisjoint(_CONNECTION):
            yield path, value
        for key, item in value.items():
            yield from _mappings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _mappings(item, (*path, index))


def _strings(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield (*path, "..."), key
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))


def _texts(value: Any) -> Iterator[str]:
    return (text for _, text in _strings(value))


def _prompts(value: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    return ((path, text) for path, text in _strings(value) if path[-1:] == ("instructions_file",))


def _is_prompt(file: str) -> bool:
    """A prompt is nothing that the tree itself reads, and nothing hidden."""
    names: Collection[str] = [name for name in file.split("/") if name not in {".", ".."}]
    return bool(names) and not any(name.startswith((".", "_")) or layout.is_config_name(name) for name in names)
