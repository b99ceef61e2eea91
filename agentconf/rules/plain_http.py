"""An address without encryption.

What: An `api_base` begins with `http://`, and its host is not this machine (`localhost`, `*.localhost`, `127.0.0.0/8`,
`::1`).

Why: The key and every prompt and answer can be read on the way, and a reply can be put in their place.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_base: "http://llm.example.com/v1"}  # AC408

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_base: "https://llm.example.com/v1"}

Fix: Write `https://`. Where something else encrypts the way, such as a mesh of services, excuse the line and say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.document.build import SWITCHED_OFF
from agentconf.document.document import Document
from agentconf.keypath import KeyPath, render
from agentconf.source.layout import Place

RULE: Final = codes.PLAIN_HTTP
_KEY: Final = "api_base"


def check_document(document: Document, place: Place) -> Iterator[Diagnostic]:
    """Wherever an address is written; `host.docker.internal` is another machine as far as anyone can tell."""
    if _KEY.encode() not in document.data:
        return
    for path, address in _addresses(document.value, ()):
        if is_plain(address):
            message = "this address is not encrypted: the key and every prompt can be read on the way"
            span, key = document.value_span(path), render(path)
            yield Diagnostic(RULE, message, document.file, span, key, hint="write https://")


def is_plain(address: str) -> bool:
    """Whether what is sent to an address can be read on its way: `http://`, but to this machine itself."""
    scheme, separator, _ = address.strip().partition("://")
    return bool(separator) and scheme.lower() == "http" and not is_loopback(_host_of(address.strip()))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or its number."""
    host = host.lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        number = ip_address(host)
    except ValueError:
        return False
    return (getattr(number, "ipv4_mapped", None) or number).is_loopback


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # a bracket that is not closed
        return ""


def _addresses(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == _KEY and isinstance(item, str):
                yield (*path, key), item
            elif key != "metadata" and not key.startswith(SWITCHED_OFF):
                yield from _addresses(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _addresses(item, (*path, index))
