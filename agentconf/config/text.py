"""What a layer must not say, beyond its shape: secrets in the open, references where none is read, `extra` misused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentconf import codes
from agentconf.config import extra, secrets
from agentconf.config.shape import schema, secret_finding
from agentconf.diagnostic import Diagnostic
from agentconf.document.document import Document
from agentconf.keypath import KeyPath, render


def findings(document: Document) -> Iterator[Diagnostic]:
    """Findings over the text of an agent or a shared layer."""
    yield from _walk(document, document.value, ())


def is_worth_a_look(document: Document) -> bool:
    """Whether a document can hold anything that is looked for here: most cannot, and their bytes say so."""
    return bool(document.noted) or b"${" in document.data or b"os.environ/" in document.data


def _walk(document: Document, value: Any, path: KeyPath) -> Iterator[Diagnostic]:
    if isinstance(value, dict):
        yield from _mapping(document, value, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(document, item, (*path, index))
    elif isinstance(value, str) and secrets.looks_like_reference(value) and not _may_hold_reference(path):
        yield _misplaced(document, path)


def _mapping(document: Document, value: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    if value.get("instructions") is not None and value.get("instructions_file") is not None:
        message = "instructions and instructions_file both stand here"
        span = document.key_span((*path, "instructions_file"))
        key = render((*path, "instructions_file"))
        yield Diagnostic(codes.TWO_INSTRUCTIONS, message, document.file, span, key, hint="keep one of the two")
    for key, item in value.items():
        if key.startswith("x-") and (not path or path[-1] != "extra_headers"):
            continue
        below = (*path, key)
        if key == "extra" and isinstance(item, dict) and _is_llm(path):
            yield from _extra(document, item, below)
        elif key == "extra_headers" and isinstance(item, dict):
            yield from _literals(document, item, below, secrets.is_key_header)
        elif key == "params" and isinstance(item, dict) and _is_provider(path):
            yield from _literals(document, item, below, secrets.is_credential_name)
        elif not (key == "metadata" and _is_layer(path)):
            yield from _walk(document, item, below)


def _literals(document: Document, value: dict[str, Any], path: KeyPath, holds_key: Any) -> Iterator[Diagnostic]:
    """Values of headers and parameters: a credential is a reference, and a reference stands alone."""
    for name, item in value.items():
        below = (*path, name)
        if not isinstance(item, str):
            if isinstance(item, dict | list):
                yield from _walk(document, item, below)
        elif holds_key(name) or secrets.looks_like_reference(item) or "${" in item:
            try:
                secrets.parse_reference(item)
            except secrets.NotAReference:
                yield secret_finding(document, below, item)


def _extra(document: Document, value: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    keys = frozenset(schema("agent")["$defs"]["llm"]["properties"])
    for key, item in value.items():
        hint = extra.refusal(key, keys)
        if hint:
            message = f"extra may not hold '{key[:64]}'"
            yield Diagnostic(
                codes.RESERVED_EXTRA,
                message,
                document.file,
                document.key_span((*path, key)),
                render((*path, key)),
                hint=hint,
            )
        yield from _walk(document, item, (*path, key))


def _misplaced(document: Document, path: KeyPath) -> Diagnostic:
    message = f"a reference is not read in {render(path)}"
    hint = "references stand in api_key, in extra_headers and in credentials of params; nothing else is expanded"
    return Diagnostic(
        codes.MISPLACED_REFERENCE, message, document.file, document.value_span(path), render(path), hint=hint
    )


def _may_hold_reference(path: KeyPath) -> bool:
    return path[-1] == "api_key"


def _is_llm(path: KeyPath) -> bool:
    return bool(path) and (path[-1] == "llm" or (len(path) > 1 and path[-2] == "fallbacks"))


def _is_provider(path: KeyPath) -> bool:
    return len(path) > 1 and path[-2] == "providers"


def _is_layer(path: KeyPath) -> bool:
    return not path or path[-1] in {"defaults", "overrides"} or (len(path) == 2 and path[0] == "environments")
