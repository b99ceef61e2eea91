"""Which variant of an agent a key gets: the same in every process, version and language.

The hash is published in docs/experiments.md, with vectors to test another implementation by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from hashlib import sha256
from math import inf, log
from struct import Struct
from typing import Any, Final, NamedTuple

from agentconf.config.agent import Agent, Variant
from agentconf.suggest import did_you_mean

_DROPPED_BITS: Final = 12
_STEPS: Final = 2.0**52
"""How finely the hash divides the numbers between 0 and 1: as finely as every language's doubles can, exactly."""
_KEPT: Final = 256

_first_number = Struct(">Q").unpack_from


class _Arm(NamedTuple):
    """A variant as the choice needs it: `begun` gives the hash of what stands before the key, to go on from there."""

    name: str
    begun: Callable[[], Any]
    weight: float


_arms_known: dict[int, tuple[Mapping[str, Variant], tuple[str, str], tuple[_Arm, ...]]] = {}
"""By the identity of an agent's variants, which never change: half of the time of a choice went into making them."""


def chosen_variant(agent: Agent, key: str | None, today: date) -> str | None:
    """The name of the variant that a key (a user, a session) gets; None where the agent has no experiment.

    Weighted rendezvous: each variant draws a number from agent, control, its own name and the key, divides it by its
    weight, and the least wins. A weight of 0 gets nobody. After the last day of the experiment, without a key, and
    where all weights are 0, it is the control.
    """
    experiment, variants = agent.experiment, agent.variants
    if experiment is None or not variants:
        return None
    control, ends = experiment.control, experiment.ends
    if key is None or (ends is not None and today > ends):
        return control
    known = _arms_known.get(id(variants))
    if known is None or known[0] is not variants or known[1] != (agent.id, control):
        known = _learned(variants, (agent.id, control))
    return _drawn(known[2], _utf8(key), control)


def _drawn(arms: tuple[_Arm, ...], key: bytes, control: str) -> str:
    best, least = control, inf
    for name, begun, weight in arms:
        hashed = begun()
        hashed.update(key)
        number = _first_number(hashed.digest())[0] >> _DROPPED_BITS
        score = -log((number + 0.5) / _STEPS) / weight
        if score < least:
            best, least = name, score
    return best


def _learned(
    variants: Mapping[str, Variant], of: tuple[str, str]
) -> tuple[Mapping[str, Variant], tuple[str, str], tuple[_Arm, ...]]:
    """By name, so that of equal scores the first name wins, whatever the order in the file."""
    start = "\n".join(of)
    arms = tuple(
        _Arm(name, sha256(f"{start}\n{name}\n".encode()).copy, variant.weight)
        for name, variant in sorted(variants.items())
        if variant.weight > 0
    )
    if len(_arms_known) >= _KEPT:
        _arms_known.clear()
    known = _arms_known[id(variants)] = (variants, of, arms)
    return known


def with_variant(agent: Agent, name: str | None) -> Agent:
    """The agent as the callers of a variant get it: with its `llm` and `instructions`. None is the agent as it is.

    Raises ValueError where the agent has no such variant.
    """
    if name is None:
        return agent
    variant = agent.variants.get(name)
    if variant is None:
        hint = did_you_mean(name, agent.variants)
        raise ValueError(f"the agent '{agent.id}' has no variant '{name}'" + (f"; {hint}" if hint else ""))
    return agent.model_copy(update={"llm": variant.llm, "instructions": variant.instructions})


def _utf8(key: str) -> bytes:
    """Half a character (a lone surrogate) counts as U+FFFD, as it does where text is encoded on the web."""
    try:
        return key.encode()
    except UnicodeEncodeError:
        return key.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
