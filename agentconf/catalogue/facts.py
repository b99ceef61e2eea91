"""What is known of one model. Unknown is its own value, never false and never zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Final, Literal, TypeAlias

from agentconf.catalogue.capabilities import canonical
from agentconf.frozen import FrozenDict

Source: TypeAlias = Literal["models", "lock", "litellm"]
"""`_models.yaml`, `_models.lock.json`, or LiteLLM's file."""

_ABOUT_THE_ENTRY: Final = {"name", "source", "capabilities", "lists_all_capabilities"}


@dataclass(frozen=True, slots=True)
class Facts:
    """None is unknown. Prices are US dollars per million tokens, where 0 is free.

    `name` is the one under which the facts were found. `capabilities` holds what is known, by the format's names; ask
    `has`. `parameters` are the OpenAI parameters that LiteLLM passes on, by its names.
    """

    name: str
    source: Source
    mode: str | None = None
    provider: str | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    input_per_million: float | None = None
    output_per_million: float | None = None
    cached_input_per_million: float | None = None
    capabilities: Mapping[str, bool] = field(default_factory=FrozenDict)
    lists_all_capabilities: bool = False
    """Whether a capability that is not named is one that the model does not have: so in `_models.yaml`."""
    retires: date | None = None
    successor: str | None = None
    regions: frozenset[str] | None = None
    parameters: frozenset[str] | None = None

    def has(self, capability: str) -> bool | None:
        """Whether the model can do it; None where that is unknown. LiteLLM's spelling (`function_calling`) will do."""
        name = canonical(capability)
        return self.capabilities.get(name, False if self.lists_all_capabilities else None)

    @property
    def is_priced(self) -> bool:
        """Whether both prices that every call has are known."""
        return self.input_per_million is not None and self.output_per_million is not None

    @property
    def is_blank(self) -> bool:
        """Whether nothing tells that the model exists: parameters are a provider's, even for a name that is wrong."""
        said = set(FACTS) - {"parameters"}
        return not self.capabilities and all(getattr(self, name) is None for name in said)

    def over(self, below: Facts | None) -> Facts:
        """These facts, and for what they do not say, those below them."""
        if below is None:
            return self
        missing = {name: getattr(below, name) for name in FACTS if getattr(self, name) is None}
        if not self.lists_all_capabilities:
            missing["capabilities"] = FrozenDict({**below.capabilities, **self.capabilities})
            missing["lists_all_capabilities"] = below.lists_all_capabilities
        return replace(self, **missing)


FACTS: Final = tuple(one.name for one in fields(Facts) if one.name not in _ABOUT_THE_ENTRY)
"""The facts whose absence is None."""
