"""How a server is set up: whom it answers, what it takes, and what it lets through."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, and all of them, may ask for. A number of 0 is no limit."""

    body_bytes: int = 1 << 20
    header_bytes: int = 32 << 10
    connections: int = 10_000
    requests_per_s: int = 1_000
    head_timeout_s: float = 10.0
    """How long the lines and headers of a request may take to arrive."""
    body_timeout_s: float = 30.0
    write_timeout_s: float = 30.0
    """How long a client may leave an answer unread."""
    keep_alive_s: int = 15


@dataclass(frozen=True, slots=True)
class Options:
    """What `agentconf serve` hands to the server.

    `tokens` is the file of tokens; None lets everybody read, and nobody write or see secrets. `hosts` are further names
    that the server answers to, beside addresses and localhost. `proxies` are the addresses whose forwarded headers
    count. `tickets` is a folder that several processes share, so that a ticket counts once among them all. `writes` is
    off, commit or propose. `worker` is the number of this process among several, from 1; None where it is alone.
    """

    tokens: str | None = None
    tickets: str | None = None
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    has_access_log: bool = True
    writes: str = "off"
    limits: Limits = field(default_factory=Limits)
    worker: int | None = None
