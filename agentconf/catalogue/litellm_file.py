"""LiteLLM's own file of models, `model_prices_and_context_window_backup.json`, read without importing LiteLLM.

Its names are those of LiteLLM: some have the provider in front (`mistral/mistral-large-2512`), others not (`gpt-4.1`).
Agents always write a provider, and are answered for both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from agentconf.catalogue.capabilities import LITELLM_PREFIX, canonical
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.families import base_of_fine_tuned, family, spellings
from agentconf.catalogue.readings import day, dollars_per_million, names, number, text, tokens
from agentconf.frozen import FrozenDict

_NO_MODELS: Final = {"sample_spec", "fallback_generalizations"}
_SIZE_CLASSES: Final = ("together-ai-", "fireworks-ai-")
"""Entries that price every model of a size; nobody can call them."""
_OTHER_PRICES: Final = ("_per_second", "_per_image", "_per_character", "_per_pixel", "_per_query", "_per_request")
"""What else a call may cost. Beside one of these, nought per token does not mean free."""

_BEDROCK_AREAS: Final = {"us", "eu", "apac", "jp", "au", "us-gov", "global", "ca", "in"}
"""What Bedrock puts in front of the name of a model that is served all over an area."""
_NO_REGIONS: Final = {"*", "converse", "invoke", "responses", "chat"}


class LiteLLMFile:
    """The entries of the file. `version` gives LiteLLM's, when it is asked for."""

    def __init__(self, entries: Mapping[str, Any], version: Callable[[], str | None] = lambda: None) -> None:
        self._entries = entries
        self._version = version

    @cached_property
    def version(self) -> str | None:
        return self._version()

    def find(self, model: str, declared: str | None = None) -> Facts | None:
        """The facts about a model as an agent names it; `declared` is LiteLLM's provider where the name's is not."""
        name = self._key(model, declared)
        return None if name is None else _facts(name, self._entries[name])

    def names(self) -> Iterator[str]:
        """Every model as an agent would write it, `provider/model`."""
        return iter(self._names)

    def _key(self, model: str, declared: str | None) -> str | None:
        provider, _, bare = model.partition("/")
        for said in dict.fromkeys((provider, declared or provider)):
            for candidate in self._candidates(said, bare):
                if self._is_model(candidate):
                    return candidate
        return None

    def _candidates(self, provider: str, bare: str) -> Iterator[str]:
        """Where a provider's model may stand, the surest place first."""
        kin = family(provider)
        yield f"{provider}/{bare}"
        for spelling in spellings(bare):
            yield f"{kin}/{spelling}"
            if self._provider_of(spelling) == kin:
                yield spelling
        pattern = base_of_fine_tuned(bare)
        if pattern is not None:
            dated = [name for name in self._fine_tuned if pattern.fullmatch(name) and self._provider_of(name) == kin]
            yield from dated if len(dated) == 1 else [name for name in dated if f"{bare}:".startswith(f"{name}:")]

    @cached_property
    def _fine_tuned(self) -> list[str]:
        return [name for name in self._entries if name.startswith("ft:")]

    @cached_property
    def _names(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for key in self._entries:
            provider = self._provider_of(key)
            if provider and key not in _NO_MODELS and not key.startswith(_SIZE_CLASSES):
                found[key if key.startswith(f"{provider}/") else f"{provider}/{key}"] = None
        return tuple(found)

    def _is_model(self, name: str) -> bool:
        return name not in _NO_MODELS and isinstance(self._entries.get(name), dict)

    def _provider_of(self, name: str) -> str | None:
        entry = self._entries.get(name)
        provider = entry.get("litellm_provider") if isinstance(entry, dict) else None
        return family(provider) if isinstance(provider, str) else None


def parse_litellm(data: bytes, version: Callable[[], str | None] = lambda: None) -> LiteLLMFile | None:
    """The file from its bytes; None where it is not what LiteLLM writes."""
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return LiteLLMFile(entries, version) if isinstance(entries, dict) else None


def _facts(name: str, entry: Mapping[str, Any]) -> Facts:
    most_input, most_output = _limits(entry)
    return Facts(
        name=name,
        source="litellm",
        mode=text(entry.get("mode")),
        provider=text(entry.get("litellm_provider")),
        max_input_tokens=most_input,
        max_output_tokens=most_output,
        input_per_million=_price(entry, "input_cost_per_token"),
        output_per_million=_price(entry, "output_cost_per_token"),
        cached_input_per_million=_price(entry, "cache_read_input_token_cost"),
        capabilities=FrozenDict(_capabilities(entry)),
        retires=day(entry.get("deprecation_date")),
        regions=_regions(name, entry),
    )


def _price(entry: Mapping[str, Any], key: str) -> float | None:
    price = dollars_per_million(entry.get(key))
    return None if price == 0 and _costs_otherwise(entry) else price


def _costs_otherwise(entry: Mapping[str, Any]) -> bool:
    """Whether calls cost something that is not counted in tokens."""
    return any(number(value) for key, value in entry.items() if any(word in key for word in _OTHER_PRICES))


def _limits(entry: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The most tokens in and out. `max_tokens`, of old, is the latter where that is known, and else the former."""
    most_input, most_output = tokens(entry.get("max_input_tokens")), tokens(entry.get("max_output_tokens"))
    legacy = tokens(entry.get("max_tokens"))
    if legacy is not None and most_output is None and most_input is not None and legacy < most_input:
        most_output = legacy
    return most_input, most_output


def _capabilities(entry: Mapping[str, Any]) -> dict[str, bool]:
    return {
        canonical(key): value
        for key, value in entry.items()
        if key.startswith(LITELLM_PREFIX) and isinstance(value, bool)
    }


def _regions(name: str, entry: Mapping[str, Any]) -> frozenset[str] | None:
    """Where it is served, as the entry says or the name does: `azure/eu/gpt-4o`, `eu.amazon.nova-pro-v1:0`."""
    said = names(entry.get("supported_regions"))
    if said is not None:
        return said
    provider, *parts = name.split("/")
    if provider in {"azure", "bedrock"} and len(parts) > 1:
        return None if parts[0] in _NO_REGIONS else frozenset((parts[0],))
    area, is_bedrocks = name.partition(".")[0], str(entry.get("litellm_provider")).startswith("bedrock")
    return frozenset((area,)) if is_bedrocks and area in _BEDROCK_AREAS else None
