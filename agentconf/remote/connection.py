"""A server that is followed, as the mapping that a service holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from agentconf.errors import AgentNotFound, KeyNotFound, SourceUnavailable
from agentconf.live.followed import Followed
from agentconf.remote.address import Address
from agentconf.remote.body import Bounds
from agentconf.remote.faults import Unacceptable, Unknown, Unreachable
from agentconf.remote.fetch import Server
from agentconf.remote.follow import Remote, Rhythm
from agentconf.remote.kept import Cache, folder_for
from agentconf.remote.sealing import Hooks, Reveal
from agentconf.remote.secrets import Vault
from agentconf.remote.sight import TTL_S
from agentconf.snapshot.explanation import Explanation, LayerValue


class Place(NamedTuple):
    """The folder below which what was received is kept; None for the user's cache."""

    base: str | os.PathLike[str] | None


@dataclass(frozen=True, slots=True)
class Ways:
    """How a server is followed. `secrets` is `server` or `local`; `cache` None for none."""

    cache: Place | None = None
    secrets: str = "server"
    ttl: float = TTL_S
    rhythm: Rhythm = field(default_factory=Rhythm)
    bounds: Bounds = field(default_factory=Bounds)


def connected(address: Address, token: str | None, environment: str | None, ways: Ways) -> Connection:
    """A connection that has not begun."""
    server = Server(address, token, ways.bounds)
    remotes: list[Remote] = []
    vault = Vault(server, lambda agent_id: remotes[0].sealed.snapshot.sent(agent_id)["config"], ways.ttl)
    hooks = Hooks(vault.reveal if ways.secrets == "server" else None, explainer(server))
    cache = None if ways.cache is None else _cache(ways.cache, address, environment)
    remotes.append(Remote(server, environment, cache, hooks, replace(ways.rhythm, ttl=ways.ttl)))
    return Connection(remotes[0], vault)


class Connection(Followed):
    """A server that is followed. Use it with `with` or `async with`, or call `close()` in the end."""

    def __init__(self, remote: Remote, vault: Vault) -> None:
        super().__init__(remote, "connection")
        self._remote = remote
        self._vault = vault

    def __repr__(self) -> str:
        url = self._remote.server.address.url
        return f"<Connection to {url}: {self.snapshot!r}>" if self._thread else f"<Connection to {url}, not started>"

    @property
    def reveal(self) -> Reveal | None:
        """As `Snapshot.reveal`: what asks the server for the value of a reference; None with `secrets="local"`."""
        return self.snapshot.reveal

    def _let_go(self) -> None:
        self._vault.forget()


def explainer(server: Server) -> Callable[[str, str], Explanation]:
    """What answers `explain`: the server does, of what it serves at that moment."""

    def explain(agent_id: str, key: str) -> Explanation:
        try:
            said = server.explain(agent_id, key)
            layers = tuple(LayerValue(**layer) for layer in said.pop("layers"))
            return Explanation(**said, layers=layers)
        except Unknown as error:
            if error.kind == "unknown-key":
                raise KeyNotFound(f"no layer of '{agent_id}' says anything about '{key}'") from None
            raise AgentNotFound(f"there is no agent '{agent_id}' that could be explained") from None
        except (Unreachable, Unacceptable) as error:
            raise SourceUnavailable(f"{server.address.url}: {error}") from None
        except (TypeError, LookupError, AttributeError):
            raise SourceUnavailable(f"{server.address.url}: the answer is no explanation") from None

    return explain


def _cache(place: Place, address: Address, environment: str | None) -> Cache | None:
    try:
        return Cache(folder_for(place.base, address.url, environment))
    except RuntimeError:  # a user without a home has no cache folder
        return None
