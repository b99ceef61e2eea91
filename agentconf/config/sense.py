"""What must hold of a resolved agent: references that exist, a model, providers that are declared, nothing half said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.config.layers import CONNECTION_KEYS
from agentconf.config.merge import provider_of
from agentconf.config.provenance import place_of
from agentconf.config.resolve import Resolved, Resolver
from agentconf.diagnostic import Diagnostic, Rule
from agentconf.keypath import KeyPath, render
from agentconf.suggest import did_you_mean

_WHOLE_ONLY: Final[dict[KeyPath, tuple[str, ...]]] = {
    ("limits", "budget"): ("usd", "per"),
    ("experiment",): ("control",),
}
_CONNECTION: Final = frozenset(CONNECTION_KEYS)
_OTHER_LAYERS: Final = "it may stand in any of the agent's layers"


def findings(resolver: Resolver, agent: Resolved) -> Iterator[Diagnostic]:
    """Everything that is wrong with a resolved agent. Quick where nothing is."""
    if not _is_plainly_right(agent.config):
        yield from _connections(resolver, agent)
        yield from _half_said(resolver, agent)
    if "delegates" in agent.config:
        yield from _delegates(resolver, agent)


def _is_plainly_right(config: dict[str, Any]) -> bool:
    """The usual case, in a microsecond: a chain of models whose providers are declared, a whole budget, no variants."""
    declared, llm = config.get("providers"), config.get("llm")
    if not declared or not llm or "variants" in config or "experiment" in config:
        return False
    for entry in (llm, *llm.get("fallbacks", ())):
        if entry.get("model", "").partition("/")[0] not in declared or not _CONNECTION.isdisjoint(entry):
            return False
    limits = config.get("limits")
    budget = limits.get("budget") if limits else None
    return not budget or ("usd" in budget and "per" in budget)


def _connections(resolver: Resolver, agent: Resolved) -> Iterator[Diagnostic]:
    declared = agent.config.get("providers")
    for path, entry in _entries(agent.config):
        model = entry.get("model")
        if model is None:
            if len(path) == 1:
                yield _no_model(resolver, agent)
        elif declared and provider_of(model) not in declared:
            yield _undeclared(resolver, agent, path, model, declared)
        if declared:
            yield from _own_connection(resolver, agent, path, entry)


def _entries(config: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every model that the agent may call, with its place in the resolved configuration."""
    yield from _chain(("llm",), config.get("llm", {}))
    for name, variant in config.get("variants", {}).items():
        yield from _chain(("variants", name, "llm"), variant["llm"])


def _chain(path: KeyPath, llm: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    yield path, llm
    for index, fallback in enumerate(llm.get("fallbacks", ())):
        yield (*path, "fallbacks", index), fallback


def _no_model(resolver: Resolver, agent: Resolved) -> Diagnostic:
    strict = resolver.tree.declares_providers
    hint = "add llm: {model: provider/model}" if strict else "add llm: {model: provider/model}; without, the machine's model is used"
    rule = codes.NO_MODEL if strict else codes.NO_MODEL_YET
    return _at(resolver, agent, rule, ("llm",), "this agent has no model", hint, of_agent=True)


def _undeclared(
    resolver: Resolver, agent: Resolved, path: KeyPath, model: str, declared: dict[str, Any]
) -> Diagnostic:
    provider = provider_of(model)
    names = ", ".join(sorted(declared))
    hint = did_you_mean(provider, declared) or f"declare it under providers, or use one of {names}"
    return _at(resolver, agent, codes.UNDECLARED_PROVIDER, (*path, "model"), f"the provider '{provider}' is not declared", hint)


def _own_connection(resolver: Resolver, agent: Resolved, path: KeyPath, entry: dict[str, Any]) -> Iterator[Diagnostic]:
    for key in CONNECTION_KEYS:
        if key in entry:
            message = f"{key} stands under llm, in a tree that declares providers"
            hint = "delete it; connections stand under providers, and agents only choose a model"
            yield _at(resolver, agent, codes.OWN_CONNECTION, (*path, key), message, hint)


def _half_said(resolver: Resolver, agent: Resolved) -> Iterator[Diagnostic]:
    config = agent.config
    for path, keys in _WHOLE_ONLY.items():
        value: Any = config
        for step in path:
            value = value.get(step, {})
        for key in keys:
            if value and key not in value:
                yield _missing(resolver, agent, path, key)
    for name, variant in config.get("variants", {}).items():
        if "weight" not in variant:
            yield _missing(resolver, agent, ("variants", name), "weight")
    if config.get("variants") and not config.get("experiment"):
        yield _missing(resolver, agent, (), "experiment")
    yield from _control(resolver, agent)


def _missing(resolver: Resolver, agent: Resolved, path: KeyPath, key: str) -> Diagnostic:
    subject = render(path) or "an agent with variants"
    hint = f"add {key}: ...; {_OTHER_LAYERS}"
    return _at(resolver, agent, codes.MISSING_KEY, path, f"{subject} lacks '{key}'", hint)


def _control(resolver: Resolver, agent: Resolved) -> Iterator[Diagnostic]:
    control = agent.config.get("experiment", {}).get("control")
    variants = agent.config.get("variants", {})
    if control is not None and control not in variants:
        message = f"the control '{control}' is none of the variants"
        hint = did_you_mean(control, variants) or f"use one of {', '.join(variants) or 'the variants'}"
        yield _at(resolver, agent, codes.UNKNOWN_VARIANT, ("experiment", "control"), message, hint)


def _delegates(resolver: Resolver, agent: Resolved) -> Iterator[Diagnostic]:
    known = resolver.tree.agent_ids
    for index, name in enumerate(agent.config["delegates"]):
        if name not in known:
            hint = did_you_mean(name, known) or "name an agent of this tree by its id"
            yield _at(resolver, agent, codes.UNKNOWN_DELEGATE, ("delegates", index), f"there is no agent '{name}'", hint)


def _at(
    resolver: Resolver, agent: Resolved, rule: Rule, path: KeyPath, message: str, hint: str | None, of_agent: bool = False
) -> Diagnostic:
    """A finding on the line that wrote a value; about a whole agent, on its own file."""
    file, span = (agent.file, None) if of_agent else place_of(resolver, agent, path)
    if span is None:
        span = agent.agent_file.document.value_span(path if of_agent and "llm" in agent.agent_file.document.value else ())
    return Diagnostic(rule, message, file, span, render(path) or None, agent.id, agent.environment, hint)
