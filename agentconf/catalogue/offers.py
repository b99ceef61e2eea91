"""The models that a tree could use, under the names that it would write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, TypeAlias

from agentconf.catalogue.catalogue import Catalogue
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.families import family
from agentconf.catalogue.recommend import Candidate

Providers: TypeAlias = Mapping[str, Mapping[str, Any]]
"""The connections that a tree declares, as it writes them."""

_ANYBODYS_PROTOCOL: Final = {"openai", "openai_like", "custom_openai", "hosted_vllm", "litellm_proxy"}
"""What servers of all kinds speak: which models are behind such an address, only the tree can say."""


def candidates(catalogue: Catalogue, declared: Providers | None, only: Collection[str]) -> Iterator[Candidate]:
    """Every model of the declared providers as the tree would write it; of all providers where none is declared."""
    known: dict[str, set[str]] = {}
    for model in catalogue.names():
        provider, _, bare = model.partition("/")
        known.setdefault(provider, set()).add(bare)
    connections: Providers = declared or {name: {} for name in known}
    for name, entry in connections.items():
        if not only or name in only:
            yield from _of_provider(catalogue, known, name, entry)


def _of_provider(
    catalogue: Catalogue, known: Mapping[str, set[str]], name: str, entry: Mapping[str, Any]
) -> Iterator[Candidate]:
    """The models of one connection: those of its type, and those that the tree names after it."""
    declared, region = entry.get("type"), entry.get("region")
    is_closed = bool(entry.get("api_base")) and (declared or name) in _ANYBODYS_PROTOCOL and declared is not None
    bare = known.get(name, set()) | (set() if is_closed else known.get(family(declared or name), set()))
    for model in sorted(bare):
        facts = catalogue.find(f"{name}/{model}", declared)
        if facts is not None and not _is_price_list(facts):
            yield Candidate(f"{name}/{model}", facts, region if isinstance(region, str) else None)


def _is_price_list(facts: Facts) -> bool:
    """Whether the name is LiteLLM's for what a model costs in a region (`azure/eu/gpt-4o`), and nobody's to call."""
    return facts.source == "litellm" and facts.name.startswith(("azure/", "bedrock/")) and facts.name.count("/") > 1
