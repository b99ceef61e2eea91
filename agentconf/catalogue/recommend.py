"""Models that fit what is wished for. What is unknown of a model does not fit, and is counted, never guessed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from agentconf.catalogue.compare import Saving, blended, saving
from agentconf.catalogue.facts import Facts

_AREAS: Final = {
    "eu": ("eu", "europe"),
    "apac": ("apac", "ap", "asia"),
    "jp": ("jp", "ap-northeast", "japan"),
    "au": ("au", "ap-southeast", "australia"),
}
"""Areas whose regions clouds name in other ways."""
_ANYWHERE: Final = "global"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model as this tree would write it. `region` is that of the connection, where it has one."""

    model: str
    facts: Facts
    region: str | None = None

    @property
    def regions(self) -> frozenset[str] | None:
        """Where it is served: as the catalogue says, else as its connection does."""
        if self.facts.regions is not None:
            return self.facts.regions
        return frozenset((self.region,)) if self.region else None

    @property
    def is_reached(self) -> bool:
        """Whether the connection may lead to it: one to Frankfurt reaches no model that is served in Ohio alone."""
        ours, theirs = self.region, self.facts.regions
        if ours is None or theirs is None:
            return True
        return any(one == _ANYWHERE or _holds(one, ours) or _holds(ours, one) for one in theirs)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a model; None and nothing ask for nothing. Prices are US dollars per million tokens.

    `min_price` and `max_price` are about the blended price. Models that are retired on `today` never fit.
    """

    today: date
    mode: str | None = "chat"
    capabilities: frozenset[str] = frozenset()
    min_context_tokens: int | None = None
    min_output_tokens: int | None = None
    max_input_price: float | None = None
    max_output_price: float | None = None
    min_price: float | None = None
    max_price: float | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Recommended:
    """A model that fits; beside a reference, what it saves and whether its context is larger."""

    candidate: Candidate
    saving: Saving | None = None
    is_larger: bool | None = None

    @property
    def is_cheaper(self) -> bool:
        return self.saving is not None and self.saving.per_million > 0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What fits, the best first; and how many models nobody could say it of, since a fact is unknown."""

    models: tuple[Recommended, ...]
    unknown: int


def recommend(candidates: Iterable[Candidate], wish: Wish, reference: Facts | None = None) -> Recommendation:
    """The candidates that fit, cheapest first. With a reference, only those that are cheaper or larger than it."""
    found: list[Recommended] = []
    unknown = 0
    for candidate in candidates:
        answer = fits(candidate, wish)
        if answer is None:
            unknown += 1
        elif answer:
            found.append(_beside(candidate, reference))
    if reference is not None:
        found = [one for one in found if one.is_cheaper or one.is_larger]
    return Recommendation(tuple(sorted(found, key=_order)), unknown)


def fits(candidate: Candidate, wish: Wish) -> bool | None:
    """Whether a model is what is wished for; None where that hangs on something unknown."""
    facts, price = candidate.facts, blended(candidate.facts)
    if (facts.retires is not None and facts.retires <= wish.today) or not candidate.is_reached:
        return False
    answers = [
        _is(facts.mode, wish.mode),
        *(facts.has(name) for name in wish.capabilities),
        _at_least(facts.max_input_tokens, wish.min_context_tokens),
        _at_least(facts.max_output_tokens, wish.min_output_tokens),
        _at_most(facts.input_per_million, wish.max_input_price),
        _at_most(facts.output_per_million, wish.max_output_price),
        _at_least(price, wish.min_price),
        _at_most(price, wish.max_price),
        _lies_in(candidate.regions, wish.region),
    ]
    return False if False in answers else None if None in answers else True


def _is(value: str | None, wanted: str | None) -> bool | None:
    return True if wanted is None else None if value is None else value == wanted


def _at_least(value: float | None, least: float | None) -> bool | None:
    return True if least is None else None if value is None else value >= least


def _at_most(value: float | None, most: float | None) -> bool | None:
    return True if most is None else None if value is None else value <= most


def _lies_in(regions: frozenset[str] | None, wanted: str | None) -> bool | None:
    """`eu` holds eu-central-1 and europe-west4; a single region holds itself alone."""
    if wanted is None:
        return True
    return None if regions is None else any(_holds(wanted, region) for region in regions)


def _holds(area: str, region: str) -> bool:
    return region == area or region.startswith(tuple(f"{name}-" for name in _AREAS.get(area, (area,))))


def _beside(candidate: Candidate, reference: Facts | None) -> Recommended:
    if reference is None:
        return Recommended(candidate)
    ours, theirs = reference.max_input_tokens, candidate.facts.max_input_tokens
    is_larger = None if ours is None or theirs is None else theirs > ours
    return Recommended(candidate, saving(reference, candidate.facts), is_larger)


def _order(one: Recommended) -> tuple[bool, float, int, str]:
    """By price, those without one last; then by context, and by name."""
    facts, price = one.candidate.facts, blended(one.candidate.facts)
    return (price is None, price or 0, -(facts.max_input_tokens or 0), one.candidate.model)
