"""Every kind of meaning, in the order in which people ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from agentconf.diff.leaves import Difference
from agentconf.diff.meanings import (
    budget,
    capability,
    context,
    enabled,
    experiment,
    fallback,
    instructions,
    key,
    limit,
    parameter,
    price,
    provider,
    retirement,
)
from agentconf.diff.meanings.said import Said
from agentconf.diff.sides import Pair


class Reader(Protocol):
    """A module about one kind of meaning."""

    def read(self, pair: Pair, differences: list[Difference]) -> Iterable[Said]:
        """What the agent's changes come to."""


READERS: Final[tuple[Reader, ...]] = (
    enabled, price, context, capability, provider, key, budget, limit, fallback, parameter, experiment, retirement,
    instructions,
)  # fmt: skip


def meanings_of(pair: Pair, differences: list[Difference]) -> Iterator[Said]:
    """Everything that an agent's changes come to."""
    for reader in READERS:
        yield from reader.read(pair, differences)
