"""Where a server is, and what may be sent there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_LOCAL: Final = ("localhost", "localhost.localdomain")


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is the address of the server, without a slash at the end."""

    url: str
    is_loopback: bool
    is_tls: bool

    @property
    def websocket(self) -> str:
        """Where changes are pushed."""
        return f"ws{self.url.removeprefix('http')}/ws"

    @property
    def is_private(self) -> bool:
        """Whether nobody can read along."""
        return self.is_tls or self.is_loopback


def address_of(url: str) -> Address:
    """The address. Raises ValueError and TypeError; neither repeats the text, which may hold a password."""
    if not isinstance(url, str):
        raise TypeError("url must be a text, such as 'https://config.example.net'")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise ValueError("the url of the server is malformed") from None
    if parts.scheme not in {"http", "https"} or not host or (port is not None and port == 0):
        raise ValueError("the url of the server must begin with https:// or http://, and name a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("the url of the server holds a user; hand the token over as token=")
    if parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise ValueError("the url of the server ends with its host, its port, or the path below which it answers")
    return Address(url.rstrip("/"), is_loopback(host), parts.scheme == "https")


def is_loopback(host: str) -> bool:
    """Whether a name means this machine."""
    if host.lower() in _LOCAL:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
