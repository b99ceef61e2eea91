"""Which names this server answers to, and whose pages may ask it.

A page of somebody else's can have its own name lead to this machine (DNS rebinding), and so pass for one of ours in the
browser. The name stays theirs, so a name must be known. An address cannot be rebound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from agentconf.redact import printable
from agentconf.server.problem import FOREIGN_ORIGIN, INVALID_REQUEST, WRONG_HOST, Problem

_REMEMBERED: Final = 1_000
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_LONGEST: Final = 300
_OWN_SITE: Final = frozenset((b"same-origin", b"none"))

Headers = Mapping[bytes, bytes]


class Names:
    """`hosts` are the names that count beside addresses and localhost."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self._hosts = {host.lower().rstrip(".") for host in hosts}
        self._known: dict[bytes, bool] = {}

    def fault(self, headers: Headers, method: str) -> Problem | None:
        """Why a request is not answered, going by its Host, its Origin, and what the browser says of the page."""
        host = headers.get(b"host")
        if host is None:
            return Problem(INVALID_REQUEST, "the request has no Host")
        is_ours = self._known.get(host)
        if is_ours is None:
            is_ours = self._remember(host, self._is_ours(host))
        if not is_ours:
            said = printable(host.decode("latin-1"))[:_LONGEST]
            return Problem(WRONG_HOST, f"'{said}' is no name of this server; start it with --allow-host for its names")
        return None if _is_own_page(headers, host, method) else _foreign()

    def _is_ours(self, host: bytes) -> bool:
        name = _split(f"//{host.decode('latin-1')}")[0]
        return bool(name) and (name == "localhost" or name in self._hosts or _is_address(name))

    def _remember(self, host: bytes, is_ours: bool) -> bool:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        if len(host) < _LONGEST:
            self._known[host] = is_ours
        return is_ours


def _is_own_page(headers: Headers, host: bytes, method: str) -> bool:
    """Whether no page asks, or one of this server's. A link that somebody follows here is no page that asks."""
    origin = headers.get(b"origin")
    if origin is not None and not _is_same(origin, host):
        return False
    site = headers.get(b"sec-fetch-site")
    if site is None or site in _OWN_SITE:
        return True
    return method == "GET" and origin is None and headers.get(b"sec-fetch-mode") == b"navigate"


def _is_same(origin: bytes, host: bytes) -> bool:
    """Whether an origin is the name that was asked for. A proxy may have ended the TLS, so the scheme may differ."""
    text = origin.decode("latin-1")
    scheme = text.partition("://")[0].lower()
    if scheme not in _PORTS:
        return False
    name, port = _split(text)
    ours, our_port = _split(f"//{host.decode('latin-1')}")
    return bool(name) and name == ours and (port or _PORTS[scheme]) == (our_port or _PORTS[scheme])


def _split(address: str) -> tuple[str, int | None]:
    """The name and the port; no name where an address is malformed."""
    try:
        parts = urlsplit(address)
        if parts.path or parts.query or parts.fragment or parts.username is not None:
            return "", None
        return (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "", None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _foreign() -> Problem:
    return Problem(FOREIGN_ORIGIN, "pages of other sites are not answered; let your own server ask this one")
