"""Who listens, and who is behind: for the status and the metrics."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Final, Literal, TypeAlias

from agentconf.live.metrics import Metric, Sample
from agentconf.server.push.hub import Hub
from agentconf.server.push.member import Member

State: TypeAlias = Literal["current", "behind", "unknown"]
STATES: Final[tuple[State, ...]] = ("current", "behind", "unknown")
_LISTED: Final = 20


def state_of(hub: Hub, member: Member) -> State:
    """`current`: it serves, or was told of, the newest. `unknown`: it serves what this server never did."""
    lag = lag_of(hub, member)
    return "unknown" if lag is None else "behind" if lag else "current"


def lag_of(hub: Hub, member: Member) -> int | None:
    """How many generations a client is behind; None where that cannot be said."""
    if member.digest is not None:
        return 0 if member.digest == hub.history.newest.digest else hub.history.lag_of(member.digest)
    return None if member.place is None else hub.history.lag_of(f"{hub.history.run}:{member.place}")


def report(hub: Hub) -> dict[str, Any]:
    """The part of the status: counts, and those who are behind, the furthest first."""
    states = Counter(state_of(hub, member) for member in hub.members)
    late = [member for member in hub.members if state_of(hub, member) != "current"]
    late.sort(key=lambda member: -(lag_of(hub, member) or 1 << 30))
    return {
        "connected": len(hub.members),
        **{state: states[state] for state in STATES},
        "cut_off": hub.cut_off,
        "late": [_row(hub, member) for member in late[:_LISTED]],
    }


def _row(hub: Hub, member: Member) -> dict[str, Any]:
    heard = asyncio.get_running_loop().time() - member.heard_at if member.heard_at else None
    return {
        "client": member.name,
        "kind": member.kind,
        "token": member.token,
        "digest": member.digest,
        "generations_behind": lag_of(hub, member),
        "heard_s": None if heard is None else round(heard, 1),
    }


def metrics(hub: Hub) -> tuple[Metric, ...]:
    """Those of the clients."""
    states = Counter(state_of(hub, member) for member in hub.members)
    lags = [lag_of(hub, member) or 0 for member in hub.members]
    return (
        Metric(
            "agentconf_clients",
            "gauge",
            "Clients that are told of changes, by what they serve.",
            tuple(Sample(states[state], {"state": state}) for state in STATES),
        ),
        Metric(
            "agentconf_client_generation_lag",
            "gauge",
            "How many generations the client that is furthest behind has missed.",
            (Sample(max(lags, default=0)),),
        ),
        Metric(
            "agentconf_clients_cut_off_total",
            "counter",
            "Clients that did not read what they were sent.",
            (Sample(hub.cut_off),),
        ),
    )
