"""What must hold of a resolved agent: references that exist, a model, declared providers, nothing half said."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from agentconf import codes
from agentconf.config import connections
from agentconf.config.caps import capped
from agentconf.config.merge import provider_of
from agentconf.config.resolve import Resolved, Resolver
from agentconf.config.subject import Subject
from agentconf.diagnostic import START, Diagnostic
from agentconf.keypath import KeyPath, look_up, render
from agentconf.suggest import did_you_mean

_WHOLE_ONLY: Final[dict[KeyPath, tuple[str, ...]]] = {
    ("limits", "budget"): ("usd", "per"),
    ("experiment",): ("control",),
}
_OTHER_LAYERS: Final = "it may stand in any of the agent's layers"


def findings(resolver: Resolver, agent: Resolved) -> Iterator[Diagnostic]:
    """Everything that is wrong with a resolved agent. Quick where nothing is."""
    return capped(_findings(Subject(resolver, agent)), agent.file)


def _findings(subject: Subject) -> Iterator[Diagnostic]:
    agent = subject.agent
    if not _is_plainly_right(agent.config):
        yield from _models(subject)
        yield from _half_said(subject)
    if subject.resolver.tree.has_own_connections and subject.is_provided:
        yield from _own_connections(subject)
    if "delegates" in agent.config:
        yield from _delegates(subject)


def _is_plainly_right(config: dict[str, Any]) -> bool:
    """The usual case, in a microsecond: a chain of models whose providers are declared, a whole budget, no variants."""
    declared, llm = config.get("providers"), config.get("llm")
    if not declared or not llm or "variants" in config or "experiment" in config:
        return False
    for entry in (llm, *llm.get("fallbacks", ())):
        if entry.get("model", "").partition("/")[0] not in declared:
            return False
    limits = config.get("limits")
    budget = limits.get("budget") if limits else None
    return budget is None or ("usd" in budget and "per" in budget)


def _models(subject: Subject) -> Iterator[Diagnostic]:
    declared = subject.agent.config.get("providers", {})
    for path, entry in _entries(subject.agent.config):
        model = entry.get("model")
        if model is None:
            if len(path) == 1:
                yield _no_model(subject)
        elif subject.is_provided and provider_of(model) not in declared:
            yield _undeclared(subject, path, model, declared)


def _entries(config: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Every model that the agent may call, with its place in the resolved configuration."""
    yield from _chain(("llm",), config.get("llm", {}))
    for name, variant in config.get("variants", {}).items():
        yield from _chain(("variants", name, "llm"), variant["llm"])


def _chain(path: KeyPath, llm: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    yield path, llm
    for index, fallback in enumerate(llm.get("fallbacks", ())):
        yield (*path, "fallbacks", index), fallback


def _no_model(subject: Subject) -> Diagnostic:
    strict = subject.resolver.tree.declares_providers
    hint = (
        "add llm: {model: provider/model}"
        if strict
        else "add llm: {model: provider/model}; without, the machine's model is used"
    )
    rule = codes.NO_MODEL if strict else codes.NO_MODEL_YET
    return subject.own_finding(rule, ("llm",), "this agent has no model", hint)


def _undeclared(subject: Subject, path: KeyPath, model: str, declared: dict[str, Any]) -> Diagnostic:
    provider = provider_of(model)
    names = ", ".join(sorted(declared))
    hint = did_you_mean(provider, declared) or f"declare it under providers, or use one of {names or '(none)'}"
    return subject.finding(
        codes.UNDECLARED_PROVIDER, (*path, "model"), f"the provider '{provider}' is not declared", hint
    )


def _own_connections(subject: Subject) -> Iterator[Diagnostic]:
    """Every connection key under `llm` in any layer of the agent, whether or not it would be used."""
    agent = subject.agent
    for layer in subject.resolver.layers(agent.agent_file):
        document = layer.document
        for path in connections.places(look_up(document.value, layer.path)) if document else ():
            if path[0] == "environments":
                continue  # a layer of its own, in its environment
            place = (*layer.path, *path)
            message = f"{path[-1]} stands under llm, in a tree that declares providers"
            hint = "delete it; connections stand under providers, and agents only choose a model"
            span = document.key_span(place) if document else START
            file = document.file if document else agent.file
            yield Diagnostic(
                codes.OWN_CONNECTION, message, file, span, render(place), agent.id, agent.environment, hint
            )


def _half_said(subject: Subject) -> Iterator[Diagnostic]:
    config = subject.agent.config
    for path, keys in _WHOLE_ONLY.items():
        value = look_up(config, path)
        for key in keys if isinstance(value, dict) else ():
            if key not in value:
                yield _missing(subject, path, key)
    for name, variant in config.get("variants", {}).items():
        if "weight" not in variant:
            yield _missing(subject, ("variants", name), "weight")
    if config.get("variants") and not config.get("experiment"):
        yield _missing(subject, (), "experiment")
    yield from _control(subject)


def _missing(subject: Subject, path: KeyPath, key: str) -> Diagnostic:
    what = render(path) or "an agent with variants"
    hint = f"add {key}: ...; {_OTHER_LAYERS}"
    return subject.finding(codes.MISSING_KEY, path, f"{what} lacks '{key}'", hint)


def _control(subject: Subject) -> Iterator[Diagnostic]:
    control = subject.agent.config.get("experiment", {}).get("control")
    variants = subject.agent.config.get("variants", {})
    if control is not None and control not in variants:
        message = f"the control '{control}' is none of the variants"
        hint = did_you_mean(control, variants) or f"use one of {', '.join(islice(variants, 20)) or 'the variants'}"
        yield subject.finding(codes.UNKNOWN_VARIANT, ("experiment", "control"), message, hint)


def _delegates(subject: Subject) -> Iterator[Diagnostic]:
    known = subject.resolver.tree.agent_ids
    for index, name in enumerate(subject.agent.config["delegates"]):
        if name not in known:
            hint = did_you_mean(name, known) or "name an agent of this tree by its id"
            yield subject.finding(codes.UNKNOWN_DELEGATE, ("delegates", index), f"there is no agent '{name}'", hint)
