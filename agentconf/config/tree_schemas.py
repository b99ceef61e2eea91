"""The published schemas with the names of one tree in them, so that an editor completes its profiles and agents.

A name that is not listed stays valid to the editor: whether it exists is for the validator to say, which says more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from agentconf.config import belongs
from agentconf.config.patterns import MODEL_LENGTH, MODEL_PATTERN
from agentconf.config.tree import ConfigTree
from agentconf.document.build import SWITCHED_OFF
from agentconf.redact import without_keys
from agentconf.source import layout

Schema = dict[str, Any]

_FREE: Final = ("metadata", "extra")


@dataclass(frozen=True, slots=True)
class Names:
    """What a tree names, each sorted. `models` are those that its files select, or have facts about."""

    agents: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()


def names_of(config: ConfigTree) -> Names:
    """The names of a tree, findings or not; without those that are malformed or look like a key."""
    shared = [block for document in config.shared_documents() for block in _blocks(document.value)]
    facts = config.models.value.get("models") if config.models else None
    own = [agent.document.value for agent in config.agents.values()]
    models = [name for value in (*shared, *own) for name in _models(value)]
    return Names(
        agents=_sorted(config.agent_ids, lambda name: bool(layout.ID.fullmatch(name))),
        environments=_sorted(config.known_environments, belongs.is_entry_name),
        models=_sorted([*models, *(facts if isinstance(facts, dict) else ())], _is_model),
        profiles=_sorted(config.profiles, belongs.is_entry_name),
        providers=_sorted((name for block in shared for name in _providers(block)), belongs.is_entry_name),
    )


def _sorted(names: Iterable[Any], is_right: Callable[[str], bool]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if _is_shown(name) and is_right(name)}))


def _is_model(name: str) -> bool:
    return bool(re.fullmatch(MODEL_PATTERN, name)) and len(name) <= MODEL_LENGTH


def _is_shown(name: object) -> bool:
    return isinstance(name, str) and not name.startswith(SWITCHED_OFF) and name == without_keys(name)


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    """The layers in a shared file: itself, or the two of an environment."""
    for block in (value, value.get("defaults"), value.get("overrides")):
        if isinstance(block, dict):
            yield block


def _providers(block: Mapping[str, Any]) -> Iterator[str]:
    declared = block.get("providers")
    yield from declared if isinstance(declared, dict) else ()


def _models(value: Any) -> Iterator[Any]:
    """Every `model` in a file, wherever the format has one."""
    if isinstance(value, list):
        for item in value:
            yield from _models(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "model":
                yield item
            elif key not in _FREE and not key.startswith(SWITCHED_OFF):
                yield from _models(item)


def with_names(schemas: Mapping[str, Schema], names: Names) -> dict[str, Schema]:
    """The schemas with the names listed where each may stand."""
    lists = {kind: list(listed) for kind, listed in asdict(names).items() if listed}
    return {kind: _named(schema, lists) if kind != "models" else schema for kind, schema in schemas.items()}


def listed_names(schema: Mapping[str, Any]) -> Names:
    """The names that a schema was made with."""
    definitions = schema.get("$defs")
    found = definitions if isinstance(definitions, dict) else {}
    lists = {kind: found.get(_definition(kind)) for kind in Names.__dataclass_fields__}
    return Names(**{kind: tuple(made["enum"]) for kind, made in lists.items() if isinstance(made, dict)})


def _definition(kind: str) -> str:
    return f"{kind}OfThisTree"


def _named(schema: Schema, lists: Mapping[str, list[str]]) -> Schema:
    definitions = {_definition(kind): {"type": "string", "enum": listed} for kind, listed in lists.items()}
    made: Schema = _walked(schema, lists)
    return made | {"$defs": {**made.get("$defs", {}), **definitions}} if definitions else made


_PLACES: Final = {
    "extends": "profiles",
    "delegates": "agents",
    "default_agent": "agents",
    "environments": "environments",
    "model": "models",
    "providers": "providers",
}
"""Which names a key takes: as its value, in its list, or as the keys of its mapping."""


def _walked(node: Any, lists: Mapping[str, list[str]]) -> Any:
    if isinstance(node, list):
        return [_walked(item, lists) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _walked(item, lists) for key, item in node.items()}
    properties = made.get("properties")
    for key, kind in _PLACES.items():
        if isinstance(properties, dict) and isinstance(properties.get(key), dict) and kind in lists:
            properties[key] = _completed(properties[key], kind, lists[kind])
    return made


def _completed(place: Schema, kind: str, listed: list[str]) -> Schema:
    """A key's schema that lists the names. Its examples go: they are another tree's names."""
    place = {key: value for key, value in place.items() if key != "examples"}
    if isinstance(place.get("additionalProperties"), dict):
        return place | {"properties": dict.fromkeys(listed, place["additionalProperties"])}
    if "items" in place:
        return place | {"items": _either(kind, place["items"])}
    if "anyOf" in place:
        branches = [_completed(one, kind, listed) if "items" in one else one for one in place["anyOf"]]
        return place | {"anyOf": [_reference(kind), *branches]}
    shown = {key: place.pop(key) for key in ("description", "markdownDescription") if key in place}
    return _either(kind, place) | shown


def _either(kind: str, other: Schema) -> Schema:
    return {"anyOf": [_reference(kind), other]}


def _reference(kind: str) -> Schema:
    return {"$ref": f"#/$defs/{_definition(kind)}"}
