"""`connect`: a server to the newest good snapshot, for as long as a service runs."""

from __future__ import annotations

import os
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from agentconf.errors import NotInstalled
from agentconf.live.followed import USERS_CACHE, in_event_loop
from agentconf.live.machine import chosen_environment
from agentconf.remote.address import Address, address_of
from agentconf.remote.sight import TTL_S

if TYPE_CHECKING:
    from agentconf.remote.connection import Connection

Secrets: TypeAlias = Literal["server", "local"]

TOKEN_VARIABLE: Final = "AGENTCONF_TOKEN"  # noqa: S105  # the name of the variable


def connect(  # noqa: PLR0913  # a client's settings, every one by its name
    url: str,
    *,
    token: str | None = None,
    environment: str | None = None,
    cache: str | os.PathLike[str] | Any | None = USERS_CACHE,
    ttl: float = TTL_S,
    secrets: Secrets = "server",
    allow_http: bool = False,
) -> Connection:
    """Follow the config tree that a server serves: the same mapping as `watch`, always the newest good snapshot.

    `token` defaults to AGENTCONF_TOKEN. `environment`, by default AGENTCONF_ENVIRONMENT, is the one that the server
    must serve; None takes any. `cache` is the folder in which what was received outlives a restart; None for none; by
    default one in the user's cache folder. While the server is away what is served is `stale`, and `failing` once
    nothing has confirmed it for `ttl` seconds; it is served on. `secrets` says where references are resolved: `server`
    asks the server when a value is needed, `local` looks on this machine. A token goes over https:// or to this machine
    alone, unless `allow_http` says otherwise.

    The first snapshot is there when this returns; inside of a running event loop, when `async with` is entered.

    Raises SourceUnavailable where the server gives nothing and nothing was kept, UnknownEnvironment where it serves
    another environment, ValueError for a malformed argument, and NotInstalled without the extra `remote`.
    """
    if secrets not in get_args(Secrets):
        raise ValueError(f"secrets must be one of {', '.join(get_args(Secrets))}")
    seconds: Any = ttl
    if not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
        raise ValueError("ttl must be a number of seconds, more than 0")
    address = address_of(url)
    sent = _sendable(token if token is not None else os.environ.get(TOKEN_VARIABLE) or None, address, allow_http)
    parts = _parts()
    kept = None if cache is None else parts.Place(None if cache is USERS_CACHE else cache)
    wanted = chosen_environment(environment)
    connection: Connection = parts.connected(address, sent, wanted, parts.Ways(kept, secrets, float(ttl)))
    if not in_event_loop():
        connection.start()
    return connection


def _sendable(token: str | None, address: Address, allow_http: bool) -> str | None:
    """The token, if it may be sent there. The text is never repeated."""
    if token is None:
        return None
    said: Any = token
    if not isinstance(said, str) or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError("the token is malformed: it is one word of letters, digits and signs")
    if not address.is_private and not allow_http:
        raise ValueError(
            "a token is sent over https:// or to this machine alone; with allow_http=True whoever reads along has it"
        )
    return token


def _parts() -> ModuleType:
    """What needs the extra. Raises NotInstalled."""
    try:
        from agentconf.remote import connection
    except ModuleNotFoundError as error:
        if error.name not in {"httpx", "websockets"}:
            raise
        raise NotInstalled("connect needs the extra 'remote': pip install 'agentconf-gitops[remote]'") from error
    return connection
