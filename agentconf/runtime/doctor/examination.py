"""Everything that agents rely upon, tried once each, however many agents rely upon it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from agentconf.progress import Progress
from agentconf.redact import without_keys
from agentconf.runtime.doctor.keyring import Keyring, keyring_of
from agentconf.runtime.doctor.listing import Listing, listing_of
from agentconf.runtime.doctor.outcome import NOTHING, OK, Outcome, failed, unknown
from agentconf.runtime.doctor.parallel import in_parallel
from agentconf.runtime.doctor.targets import Reach, Target, Use
from agentconf.runtime.doctor.visit import Visit, visit
from agentconf.secrets.reveal import Ground
from agentconf.suggest import did_you_mean

_LONGEST_NAME: Final = 128
_NO_ADDRESS: Final = Visit(unknown("the provider's own library knows the address; --live tries it"), NOTHING)

TryCall: TypeAlias = Callable[[Use, float], Outcome]
"""A call of one token with an entry, within so many seconds. It does not raise."""


class Work(Protocol):
    """Told how much there is to do under which name, it gives what is to be told of progress."""

    def __call__(self, total: int, label: str) -> Progress | None: ...


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of one agent, and how each trial of it went."""

    use: Use
    secret: Outcome
    address: Outcome
    listed: Outcome
    call: Outcome

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return self.secret, self.address, self.listed, self.call

    @property
    def is_failed(self) -> bool:
        return any(outcome.is_failed for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is tried. `try_call` None: nothing is called."""

    ground: Ground
    timeout_s: float
    try_call: TryCall | None = None
    work: Work = lambda total, label: None


def examined(uses: Iterable[Use], plan: Plan) -> list[Row]:
    """A row for each use."""
    uses = list(uses)
    keyrings = {one: keyring_of(one, plan.ground) for one in dict.fromkeys(use.target.reach for use in uses)}
    visits = _visits(keyrings, plan)
    calls = _calls(uses, keyrings, visits, plan)
    return [_row(use, keyrings, visits, calls) for use in uses]


def _visits(keyrings: dict[Reach, Keyring], plan: Plan) -> dict[Reach, Visit]:
    """Reachs that ask the same of the same address are one visit."""
    listings = {reach: listing_of(reach, keyring) for reach, keyring in keyrings.items()}
    asked = {_key(listing): listing for listing in listings.values() if listing is not None}
    tasks = {key: _visiting(listing, plan.timeout_s) for key, listing in asked.items()}
    late = Visit(failed(f"no answer within {plan.timeout_s:g} s"), NOTHING)
    progress = plan.work(len(tasks), "addresses")
    found = in_parallel(tasks, late, plan.timeout_s + 1, progress=progress)
    return {
        one: _unvisited(one) if listing is None else found[_key(listing)] for one, listing in listings.items()
    }


def _unvisited(reach: Reach) -> Visit:
    return _NO_ADDRESS if reach.fault is None else Visit(failed(reach.fault), NOTHING)


def _key(listing: Listing) -> tuple[str, tuple[tuple[str, str], ...]]:
    return listing.url, tuple(sorted(listing.headers.items()))


def _visiting(listing: Listing, timeout_s: float) -> Callable[[], Visit]:
    return lambda: visit(listing, timeout_s)


def _calls(
    uses: list[Use], keyrings: dict[Reach, Keyring], visits: dict[Reach, Visit], plan: Plan
) -> dict[Target, Outcome]:
    """A call to each model that can be reached as far as is known."""
    if plan.try_call is None:
        return {}
    tasks: dict[Target, Callable[[], Outcome]] = {}
    for use in uses:
        reach = use.target.reach
        if not (keyrings[reach].outcome.is_failed or visits[reach].reached.is_failed):
            tasks.setdefault(use.target, _calling(plan.try_call, use, plan.timeout_s))
    late = failed(f"no answer within {plan.timeout_s:g} s")
    progress = plan.work(len(tasks), "calls")
    return in_parallel(tasks, late, plan.timeout_s + 1, progress=progress)


def _calling(try_call: TryCall, use: Use, timeout_s: float) -> Callable[[], Outcome]:
    return lambda: try_call(use, timeout_s)


def _row(
    use: Use, keyrings: dict[Reach, Keyring], visits: dict[Reach, Visit], calls: dict[Target, Outcome]
) -> Row:
    keyring, seen = keyrings[use.target.reach], visits[use.target.reach]
    call = calls.get(use.target, NOTHING)
    listed = _listed(use.target.model, seen, keyring)
    if listed.is_failed and (call.state == "ok" or keyring.outcome.is_failed):
        listed = unknown(listed.said or "")  # the model answered all the same, or nobody showed a key
    return Row(use, keyring.outcome, seen.reached, listed, call)


def _listed(model: str, seen: Visit, keyring: Keyring) -> Outcome:
    if seen.models is None:
        return seen.let_in
    if seen.models & {model, f"{model}:latest", f"models/{model}"}:
        return OK
    if not seen.is_whole:
        return unknown("the list is longer than was read")
    names = [
        name for name in seen.models
        if len(name) <= _LONGEST_NAME and name.isprintable() and not keyring.shows_in(name)
    ]  # fmt: skip
    hint = did_you_mean(model, names)
    return failed(without_keys(f"it is not among the {len(seen.models)} models listed{f'; {hint}' if hint else ''}"))
