"""`_models.yaml` to facts. The schema has spoken before: what it refused is left out here, and gives no facts."""

from __future__ import annotations

from typing import Any, Final

from agentconf.catalogue.capabilities import canonical
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.lock import as_entry
from agentconf.catalogue.readings import day, dollars, text, tokens
from agentconf.document.document import Document
from agentconf.frozen import FrozenDict

_SWITCHED_OFF: Final = "x-"


def own_facts(document: Document | None) -> dict[str, Facts]:
    """The facts that a tree states itself, by the name that it gives: as agents write it, or type/model."""
    return facts_by_name(document.value.get("models") if document is not None else None)


def facts_by_name(models: Any) -> dict[str, Facts]:
    """The same from what stands under `models`; of anything that is no mapping, none."""
    if not isinstance(models, dict):
        return {}
    return {
        name: _facts(name, entry)
        for name, entry in models.items()
        if isinstance(entry, dict) and not name.startswith(_SWITCHED_OFF)
    }


def as_stated(facts: Facts) -> dict[str, Any]:
    """Facts as `_models.yaml` would say them, which `facts_by_name` reads."""
    said = as_entry(facts)
    said.pop("capabilities", None)
    return {**said, "capabilities": sorted(facts.capabilities)} if facts.lists_all_capabilities else said


def _facts(name: str, entry: dict[str, Any]) -> Facts:
    capabilities = entry.get("capabilities")
    is_listed = isinstance(capabilities, list)
    listed = capabilities if isinstance(capabilities, list) else []
    return Facts(
        name=name,
        source="models",
        mode=text(entry.get("mode")),
        max_input_tokens=tokens(entry.get("max_input_tokens")),
        max_output_tokens=tokens(entry.get("max_output_tokens")),
        input_per_million=dollars(entry.get("input_per_million")),
        output_per_million=dollars(entry.get("output_per_million")),
        cached_input_per_million=dollars(entry.get("cached_input_per_million")),
        capabilities=FrozenDict({canonical(one): True for one in listed if isinstance(one, str)}),
        lists_all_capabilities=is_listed,
        retires=day(entry.get("retires")),
        successor=text(entry.get("successor")),
    )
