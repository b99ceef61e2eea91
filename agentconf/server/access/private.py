"""Whether nobody on the way can read an answer."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from starlette.requests import HTTPConnection

_ENCRYPTED: Final = frozenset(("https", "wss"))
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "via")


def is_private(connection: HTTPConnection) -> bool:
    """Whether a request came over TLS or from this machine itself.

    One that was forwarded came from elsewhere, however near the proxy is: then only the proxy's word counts that it was
    over TLS, and only where the proxy is named.
    """
    if connection.scope["scheme"] in _ENCRYPTED:
        return True
    client = connection.client
    if client is None or any(name in connection.headers for name in _FORWARDED):
        return False
    return is_loopback(client.host)


def is_loopback(address: str) -> bool:
    """Whether an address is one of this machine's own, 127.0.0.1 or ::1."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback
