"""What rules consult beside the tree: the day, and what is known about models. It is handed in, never looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from agentconf.catalogue.catalogue import Catalogue
from agentconf.catalogue.facts import Facts
from agentconf.config.tree import ConfigTree

if TYPE_CHECKING:
    from agentconf.rules.metadata import MetadataCheck
    from agentconf.rules.policies.policies import Policies

CHAIN_COST_FACTOR: Final = 10.0
"""A chain whose dearest model costs more than this many times the primary is said to."""
RETIRING_DAYS: Final = 90
"""So long before a model goes, agents that have it hear of it."""
MAX_TOKENS_CEILING: Final = 200_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """`catalogue` makes what is known about the models of a tree, from its own documents and what is installed."""

    today: date
    catalogue: Callable[[ConfigTree], Catalogue]


class Knowledge:
    """An outlook upon one tree: its settings, and the facts about its models, each looked up once."""

    def __init__(self, config: ConfigTree, outlook: Outlook) -> None:
        self.config = config
        self.outlook = outlook
        self.today = outlook.today
        self.catalogue = outlook.catalogue(config)
        self.memo: dict[tuple[object, ...], Any] = {}
        """What rules have found out of models, to find it out once."""
        self._facts: dict[tuple[str, str], tuple[Facts | None, float | None]] = {}

    def facts(self, model: str, provider_type: str) -> tuple[Facts | None, float | None]:
        """What is known about a model as an agent writes it, and its cost; None where nothing is."""
        key = (model, provider_type)
        found = self._facts.get(key)
        if found is None:
            facts = self.catalogue.find(model, provider_type)
            found = self._facts[key] = (facts, cost_of(facts, {}))
        return found

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings as they are written; what is malformed in them is said elsewhere."""
        document = self.config.settings.document
        return document.value if document is not None else {}

    @cached_property
    def policies(self) -> Policies | None:
        """The organisation's own rules; None where the settings say none, so that CEL need not be there."""
        if not self.settings.get("policies"):
            return None
        from agentconf.rules.policies.policies import policies_of

        return policies_of(self.config.settings.document)

    @cached_property
    def metadata(self) -> MetadataCheck | None:
        """The organisation's own schema for metadata; None where there is none."""
        if self.config.metadata_schema is None:
            return None
        from agentconf.rules.metadata import metadata_check_of

        return metadata_check_of(self.config.metadata_schema)

    @property
    def is_locked(self) -> bool:
        return self.catalogue.lock is not None

    @cached_property
    def can_tell(self) -> bool:
        """Whether a name of which nothing is known is wrong: whether there is a lock, or LiteLLM's catalogue."""
        return not self.catalogue.is_empty

    @cached_property
    def chain_cost_factor(self) -> float:
        said = self.settings.get("chain_cost_factor")
        return float(said) if isinstance(said, int | float) and not isinstance(said, bool) else CHAIN_COST_FACTOR

    @cached_property
    def max_tokens_ceiling(self) -> int:
        said = self.settings.get("max_tokens_ceiling")
        return said if isinstance(said, int) and not isinstance(said, bool) else MAX_TOKENS_CEILING


def cost_of(facts: Facts | None, said: Mapping[str, Any]) -> float | None:
    """US dollars for a million tokens in and a million out: by what the configuration says, else the catalogue.

    None is unknown, and 0 is free.
    """
    price_in, price_out = prices_of(facts, said)
    return None if price_in is None or price_out is None else price_in + price_out


def prices_of(facts: Facts | None, said: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """US dollars per million tokens in and out; None is unknown, and 0 is free."""
    return _price(facts, said, "input_per_million"), _price(facts, said, "output_per_million")


def _price(facts: Facts | None, said: Mapping[str, Any], key: str) -> float | None:
    value = said.get(key)
    if value is None and facts is not None:
        value = getattr(facts, key)
    return None if value is None else float(value)
