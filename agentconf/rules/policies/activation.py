"""A resolved agent as policies see it: every key of the format, and what is known of its models.

Nothing secret is in it: of a key it is said whether there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from agentconf.config.merge import provider_of
from agentconf.config.resolve import Resolved
from agentconf.config.shown import shown_value
from agentconf.keypath import KeyPath
from agentconf.rules.policies.bounds import Sizes
from agentconf.rules.policies.vocabulary import CONNECTION, MODEL, PRICE_KEYS, Shape, vocabulary
from agentconf.rules.policies.wanted import Wanted


class Facts(Protocol):
    """What is known about a model; None is unknown. Prices are US dollars per million tokens."""

    @property
    def mode(self) -> str | None: ...
    @property
    def max_input_tokens(self) -> int | None: ...
    @property
    def max_output_tokens(self) -> int | None: ...
    @property
    def input_per_million(self) -> float | None: ...
    @property
    def output_per_million(self) -> float | None: ...
    @property
    def cached_input_per_million(self) -> float | None: ...
    @property
    def capabilities(self) -> Mapping[str, bool]: ...
    @property
    def retires(self) -> date | None: ...
    @property
    def successor(self) -> str | None: ...


Find: TypeAlias = Callable[[str, str], Facts | None]
"""Facts about a model by its name as agents write it and its provider's type."""


class Entry(NamedTuple):
    """One model that the agent may call, with its place in the resolved agent."""

    path: KeyPath
    config: dict[str, Any]
    variant: str | None = None

    @property
    def provider(self) -> str:
        return provider_of(self.config["model"])


@dataclass(frozen=True, slots=True)
class Subject:
    """An agent that policies judge."""

    agent: Resolved
    find: Find

    @property
    def entries(self) -> list[Entry]:
        """Every entry in service: the primary, the fallbacks, and those of the variants."""
        config = self.agent.config
        variants: dict[str, Any] = config.get("variants") or {}
        chains = [_chain(("llm",), config.get("llm") or {}, None)]
        chains += [_chain(("variants", name, "llm"), one.get("llm") or {}, name) for name, one in variants.items()]
        return [entry for chain in chains for entry in chain]


def _chain(path: KeyPath, llm: dict[str, Any], variant: str | None) -> Iterator[Entry]:
    entries = [Entry(path, llm, variant)]
    fallbacks = llm.get("fallbacks") or ()
    entries += [Entry((*path, "fallbacks", index), entry, variant) for index, entry in enumerate(fallbacks)]
    return (entry for entry in entries if entry.config.get("model") and entry.config.get("enabled") is not False)


def activation(subject: Subject, wanted: Wanted) -> dict[str, Any]:
    """The values of the variables, as far as they are wanted."""
    agent = subject.agent
    fields = vocabulary().variables["agent"].fields or {}
    values: dict[str, Any] = {}
    for key in fields if wanted is True else wanted:
        below: Wanted = True if wanted is True else wanted[key]
        if key == "models":
            values[key] = [_model(subject, entry, below) for entry in subject.entries]
        elif key == "providers":
            values[key] = [_part(connection, below) for connection in connections(subject)]
        elif key in {"id", "environment", "file"}:
            values[key] = getattr(agent, key)
        else:
            values[key] = _value(fields[key], key, agent.config.get(key), below)
    return {"agent": values, "environment": agent.environment}


def _part(value: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    return value if wanted is True else {key: value[key] for key in wanted}


_SECRETIVE: Final = frozenset(("api_key", "extra_headers"))


def _value(shape: Shape, key: str, value: Any, wanted: Wanted) -> Any:
    """The value with every key of its shape: null where nobody set it, an empty list or mapping where it is none."""
    if value is None:
        return _unset(shape)
    if shape.is_open or key in _SECRETIVE:
        return shown_value((key,), value)
    if shape.fields is not None and isinstance(value, dict):
        asked = shape.fields if wanted is True else wanted
        return {
            name: _value(shape.fields[name], name, value.get(name), True if wanted is True else wanted[name])
            for name in asked
        }
    if shape.item is not None:
        return _items(shape.item, value, wanted)
    is_number = isinstance(shape.sample, float) and isinstance(value, int)
    return float(value) if is_number else value


def _items(shape: Shape, value: Any, wanted: Wanted) -> Any:
    if isinstance(value, dict):
        return {name: _value(shape, "", item, wanted) for name, item in value.items()}
    return value if shape.is_single else [_value(shape, "", item, wanted) for item in value]


def _unset(shape: Shape) -> Any:
    if shape.nullable:
        return None
    if shape.fields is not None:
        return {key: _unset(below) for key, below in shape.fields.items()}
    if shape.item is not None:
        return {} if shape.keyed else []
    return {} if shape.is_open else shape.sample  # `enabled` is true where nobody says it


def _model(subject: Subject, entry: Entry, wanted: Wanted) -> dict[str, Any]:
    connection = _connection_of(subject, entry.provider)
    kind = connection.get("type") or entry.provider
    said = {
        "model": entry.config["model"],
        "provider": entry.provider,
        "type": kind,
        "region": connection.get("region"),
        "is_fallback": "fallbacks" in entry.path,
        "variant": entry.variant,
    }
    asked = MODEL.fields or {} if wanted is True else wanted
    if said.keys() < {*said, *asked}:
        facts = subject.find(entry.config["model"], kind)
        said |= {key: _fact(key, entry, facts) for key in asked if key not in said}
    return _part(said, wanted)


def _fact(key: str, entry: Entry, facts: Facts | None) -> Any:
    if key == "price":
        return _price(entry.config.get("cost") or {}, facts)
    if key == "capabilities":
        return sorted(name for name, has in facts.capabilities.items() if has) if facts else []
    value = getattr(facts, key) if facts else None
    return value.isoformat() if isinstance(value, date) else value


def _price(said: Mapping[str, Any], facts: Facts | None) -> dict[str, float | None] | None:
    """The configuration's own prices before the catalogue's. None where nothing is known: unknown is not free."""
    price: dict[str, float | None] = {}
    for key in PRICE_KEYS:
        value = said.get(key)
        value = getattr(facts, key) if value is None and facts is not None else value
        price[key] = None if value is None else float(value)
    return price if any(value is not None for value in price.values()) else None


def _connection_of(subject: Subject, provider: str) -> dict[str, Any]:
    connection: dict[str, Any] = (subject.agent.config.get("providers") or {}).get(provider) or {}
    return connection


def connections(subject: Subject) -> list[dict[str, Any]]:
    """The connections that the agent's models use, each once; where none is declared, what stands under `llm`."""
    found: dict[tuple[str, bool, str], dict[str, Any]] = {}
    for entry in subject.entries:
        declared = _connection_of(subject, entry.provider)
        used = declared or entry.config
        said = {key: used.get(key) for key in CONNECTION.fields or ()}
        said |= {"name": entry.provider, "type": said["type"] or entry.provider, "has_api_key": "api_key" in used}
        found.setdefault((entry.provider, bool(declared), str(used.get("api_base"))), said)
    return list(found.values())


def measured(values: Mapping[str, Any]) -> Sizes:
    """How large the values are: items of the longest list or mapping, values in all, bytes of the longest text."""
    items = count = text_bytes = 0
    ahead: list[Any] = [values]
    while ahead:
        value = ahead.pop()
        count += 1
        if isinstance(value, str):
            text_bytes = max(text_bytes, 4 * len(value))
        elif isinstance(value, dict | list | tuple):
            items = max(items, len(value))
            ahead.extend(value.values() if isinstance(value, dict) else value)
    return Sizes(items, count, text_bytes)
