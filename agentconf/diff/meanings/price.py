"""What the models of an agent cost: the primary, the dearest of the chain, other fallbacks, and variants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf.diff.change import Risk
from agentconf.diff.leaves import Difference
from agentconf.diff.meanings.said import Said, said
from agentconf.diff.sides import Pair
from agentconf.keypath import KeyPath
from agentconf.rules.costlier_fallback import money
from agentconf.rules.outlook import prices_of
from agentconf.rules.view import AgentView, Entry

_STEEP: Final = 2.0
_SLIGHT: Final = 1.2


def read(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Per million tokens; how many will be used nobody knows."""
    if pair.before is None or pair.after is None:
        return
    paths = [one.path for one in differences]
    yield from _of_chain(paths, pair.before.chains[0], pair.after.chains[0])
    yield from _of_variants(paths, pair.before, pair.after)


def _of_chain(paths: list[KeyPath], before: list[Entry], after: list[Entry]) -> Iterator[Said]:
    """A fallback that is not the dearest is seldom paid for: of those only a rise is said, and weighs little."""
    if not before or not after:
        return
    yield from _compared(paths, "", before[0], after[0])
    worst, now = _dearest(before), _dearest(after)
    if worst is not before[0] or now is not after[0]:
        yield from _compared(paths, "worst case of the chain: ", worst, now)
    for one, other in zip(before[1:], after[1:], strict=False):
        if one is not worst and other is not now and (one.cost or 0.0) < (other.cost or 0.0):
            yield from _compared(paths, f"fallback '{other.model}': ", one, other, most="low")


def _of_variants(paths: list[KeyPath], before: AgentView, after: AgentView) -> Iterator[Said]:
    """The first model of each variant that has one of its own; of a new variant, beside the agent's."""
    old, new = _first_of_variants(before), _first_of_variants(after)
    for name, entry in new.items():
        if name in old:
            yield from _compared(paths, f"variant '{name}': ", old[name], entry)
        elif after.primary is not None:
            yield from _compared(paths, f"variant '{name}' beside the primary: ", after.primary, entry)


def _first_of_variants(view: AgentView) -> dict[str, Entry]:
    firsts = {str(chain[0].path[1]): chain[0] for chain in view.chains[1:] if chain}
    own = view.primary.model if view.primary is not None else None
    return {name: entry for name, entry in firsts.items() if entry.model != own}


def _dearest(chain: list[Entry]) -> Entry:
    return max(chain, key=lambda entry: entry.cost or 0.0)


def _compared(paths: list[KeyPath], what: str, one: Entry, other: Entry, most: Risk = "high") -> Iterator[Said]:
    if one.cost == other.cost and (one.cost is not None or one.model == other.model):
        return
    at = (*other.path, "cost")
    path = at if any(path[: len(at)] == at for path in paths) else (*other.path, "model")
    if other.cost is None and one.cost is None:
        yield said(path, "price", "low", f"{what}nobody knows what '{one.model}' or '{other.model}' costs")
    elif other.cost is None:
        yield said(path, "price", "medium", f"{what}the price of '{other.model}' is unknown (was {_prices(one)})")
    elif one.cost is None:
        yield said(path, "price", "low", f"{what}the price becomes known: {_prices(other)}")
    else:
        risk = _risk(one.cost, other.cost)
        text = f"{what}price {_by(one.cost, other.cost)}: {_in_and_out(one)} to {_prices(other)}"
        yield said(path, "price", most if risk != "none" and most == "low" else risk, text)


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
        return f"up {f'{new / old:,.1f}'.removesuffix('.0')} times"
    return f"{'up' if new > old else 'down'} {abs(new / old - 1):.0%}"


def _prices(entry: Entry) -> str:
    return f"{_in_and_out(entry)} per million tokens"


def _in_and_out(entry: Entry) -> str:
    price_in, price_out = prices_of(entry.facts, entry.config.get("cost") or {})
    return f"{_money(price_in)} in, {_money(price_out)} out"


def _money(dollars: float | None) -> str:
    return "unknown" if dollars is None else money(dollars)
