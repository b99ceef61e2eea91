"""Whether nobody on the way can read an answer."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Final

from starlette.requests import HTTPConnection

_ENCRYPTED: Final = frozenset(("https", "wss"))
_FORWARDED: Final = frozenset(
    ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "x-original-forwarded-for")
)
_FORWARDED_BEGIN: Final = ("x-forwarded", "x-envoy-")


def is_private(connection: HTTPConnection, proxies: Iterable[str] = ()) -> bool:
    """Whether a request came over TLS or from this machine itself.

    One that was forwarded came from elsewhere, however near the proxy is: then only the proxy's word counts that it was
    over TLS, and only where the proxy is named. What a named proxy sends was forwarded, even where it says nothing.
    """
    if connection.scope["scheme"] in _ENCRYPTED:
        return True
    client = connection.client
    if client is None or any(map(_is_of_proxy, connection.headers)):
        return False
    return is_loopback(client.host) and not _is_named(client.host, proxies)


def is_loopback(address: str) -> bool:
    """Whether an address is one of this machine's own, 127.0.0.1 or ::1."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _is_of_proxy(header: str) -> bool:
    return header in _FORWARDED or header.startswith(_FORWARDED_BEGIN)


def _is_named(address: str, proxies: Iterable[str]) -> bool:
    """Whether an address is among those of `--proxy`: addresses, networks, or `*` for any."""
    return any(one == "*" or _is_in(address, one) for one in proxies)


def _is_in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
