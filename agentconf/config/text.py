"""What a layer must not say, beyond its shape: secrets in the open, references where none is read, `extra` misused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.config import extra, secrets
from agentconf.config.caps import capped
from agentconf.config.shape import schema, secret_finding
from agentconf.diagnostic import Diagnostic, Span
from agentconf.document.document import Document
from agentconf.keypath import KeyPath, render
from agentconf.quoting import shown_path

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110
_NOT_IN_HEADERS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HEADERS: Final = frozenset(("headers", "extra_headers", "default_headers"))


def findings(document: Document) -> Iterator[Diagnostic]:
    """Findings over the text of an agent or a shared layer."""
    return capped(_walk(document, document.value, ()), document.file)


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
            yield from _headers(document, item, below)
        elif key == "params" and isinstance(item, dict) and _is_provider(path):
            yield from _params(document, item, below)
        elif not (key == "metadata" and _is_layer(path)):
            yield from _walk(document, item, below)


def _headers(document: Document, value: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    """A header that holds a key is a reference; none may begin another header."""
    for name, item in value.items():
        below = (*path, name)
        if not _HEADER_NAME.fullmatch(name):
            message = "this is no name for a header: letters, digits and - are"
            yield _malformed(document, below, document.key_span(below), message)
        if not isinstance(item, str):
            continue  # a finding of the schema
        if secrets.is_key_header(name) or _means_reference(item):
            yield from _not_a_reference(document, below, item)
        elif _NOT_IN_HEADERS.search(item):
            message = "a header's value may not hold line breaks or control characters"
            yield _malformed(document, below, document.value_span(below), message)


def _params(document: Document, value: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    """Parameters of a connection: a credential is a reference, whatever its type, or a null, which clears it."""
    for name, item in value.items():
        below = (*path, name)
        if _is_credential(name) or (isinstance(item, str) and _means_reference(item)):
            yield from _not_a_reference(document, below, item)
        else:
            yield from _nested(document, item, below)


def _nested(document: Document, value: Any, path: KeyPath) -> Iterator[Diagnostic]:
    """What stands deeper in a parameter: there no reference is read, so that no credential can stand there at all."""
    if isinstance(value, dict):
        for name, item in value.items():
            below = (*path, name)
            is_reference = isinstance(item, str) and secrets.looks_like_reference(item)
            if _is_credential(name) and item is not None and not is_reference:
                yield secret_finding(document, below, "")
            else:
                yield from _nested(document, item, below)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nested(document, item, (*path, index))
    elif isinstance(value, str) and secrets.looks_like_reference(value):
        yield _misplaced(document, path)


def _is_credential(name: str) -> bool:
    """Headers among the parameters would go past `extra_headers`, and what is refused there."""
    return secrets.is_credential_name(name) or secrets.is_key_header(name) or secrets.snake_case(name) in _HEADERS


def _means_reference(text: str) -> bool:
    return "${" in text or secrets.looks_like_reference(text)


def _not_a_reference(document: Document, path: KeyPath, value: Any) -> Iterator[Diagnostic]:
    if value is None:
        return
    text = value if isinstance(value, str) else ""
    try:
        secrets.parse_reference(text)
    except secrets.NotAReference:
        yield secret_finding(document, path, text)


def _malformed(document: Document, path: KeyPath, span: Span, message: str) -> Diagnostic:
    return Diagnostic(codes.MALFORMED_VALUE, message, document.file, span, render(shown_path(path)))


def _extra(document: Document, value: dict[str, Any], path: KeyPath) -> Iterator[Diagnostic]:
    keys = frozenset(schema("agent")["$defs"]["llm"]["properties"])
    for key, item in value.items():
        hint = extra.refusal(key, keys)
        if hint:
            below = (*path, key)
            message = f"extra may not hold '{key[:64]}'"
            span = document.key_span(below)
            yield Diagnostic(codes.RESERVED_EXTRA, message, document.file, span, render(shown_path(below)), hint=hint)
        yield from _walk(document, item, (*path, key))


def _misplaced(document: Document, path: KeyPath) -> Diagnostic:
    key = render(shown_path(path))
    message = f"a reference is not read in {key}"
    hint = "references stand in api_key, in extra_headers and in credentials of params; nothing else is expanded"
    return Diagnostic(codes.MISPLACED_REFERENCE, message, document.file, document.value_span(path), key, hint=hint)


def _may_hold_reference(path: KeyPath) -> bool:
    return path[-1] == "api_key"


def _is_llm(path: KeyPath) -> bool:
    return bool(path) and (path[-1] == "llm" or (len(path) > 1 and path[-2] == "fallbacks"))


def _is_provider(path: KeyPath) -> bool:
    return len(path) > 1 and path[-2] == "providers"


def _is_layer(path: KeyPath) -> bool:
    return not path or path[-1] in {"defaults", "overrides"} or (len(path) == 2 and path[0] == "environments")
