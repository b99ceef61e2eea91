"""The price of the primary, and of the dearest model of the chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf.diff.change import Risk
from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.rules.costlier_fallback import money
from agentconf.rules.outlook import prices_of
from agentconf.rules.view import AgentView, Entry

_STEEP: Final = 2.0
_SLIGHT: Final = 1.2


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Per million tokens; how many will be used nobody knows."""
    before, after = pair.before, pair.after
    if before is None or after is None:
        return
    one, other = before.primary, after.primary
    if one is not None and other is not None:
        yield from _compared("", one, other)
    worst, now = _dearest(before), _dearest(after)
    is_chain = worst is not one or now is not other
    if worst is not None and now is not None and is_chain:
        yield from _compared("worst case of the chain: ", worst, now)


def _dearest(view: AgentView) -> Entry | None:
    chain = view.chains[0]
    return max(chain, key=lambda entry: entry.cost or 0.0, default=None)


def _compared(what: str, one: Entry, other: Entry) -> Iterator[Said]:
    path = (*other.path, "model")
    if one.cost == other.cost:
        return
    if other.cost is None:
        yield said(path, "price", "medium", f"{what}the price of '{other.model}' is unknown (was {_prices(one)})")
    elif one.cost is None:
        yield said(path, "price", "low", f"{what}the price becomes known: {_prices(other)}")
    else:
        text = f"{what}price {_by(one.cost, other.cost)}: {_prices(one)} to {_prices(other)}"
        yield said(path, "price", _risk(one.cost, other.cost), text)


def _risk(old: float, new: float) -> Risk:
    if new <= old:
        return "none"
    if old == 0 or new > _STEEP * old:
        return "high"
    return "medium" if new > _SLIGHT * old else "low"


def _by(old: float, new: float) -> str:
    if old == 0:
        return "up from free"
    if new >= _STEEP * old:
        return f"up {new / old:.1f} times"
    return f"{'up' if new > old else 'down'} {abs(new / old - 1):.0%}"


def _prices(entry: Entry) -> str:
    price_in, price_out = prices_of(entry.facts, entry.config.get("cost") or {})
    return f"{_money(price_in)} in, {_money(price_out)} out per million tokens"


def _money(dollars: float | None) -> str:
    return "unknown" if dollars is None else money(dollars)
