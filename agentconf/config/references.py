"""References between files: profiles, environments and the default agent must exist, and no profile extends itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from agentconf import codes
from agentconf.config.lineage import cycles, extended
from agentconf.config.tree import AgentFile, ConfigTree
from agentconf.diagnostic import Diagnostic
from agentconf.document.document import Document
from agentconf.document.parse import FAULTS_LIMIT
from agentconf.keypath import KeyPath, render
from agentconf.progress import Progress, told
from agentconf.suggest import did_you_mean


def findings(config: ConfigTree, progress: Progress | None = None) -> Iterator[Diagnostic]:
    """Everything that names what does not exist. The documents that do so are marked unusable."""
    known = config.known_environments
    for agent in told(config.agents.values(), progress):
        if "extends" in agent.document.value or "environments" in agent.document.value:
            yield from of_agent(config, agent, known)
    for document in config.profiles.values():
        yield from islice(_extends(config, document, None), FAULTS_LIMIT)
    yield from _cycles(config)
    yield from _default_agent(config)


def of_agent(config: ConfigTree, agent: AgentFile, environments: Collection[str]) -> Iterator[Diagnostic]:
    """What one agent names that does not exist; `environments` are those that may be named."""
    if "extends" in agent.document.value:
        yield from islice(_extends(config, agent.document, agent.id), FAULTS_LIMIT)
    if "environments" in agent.document.value and config.settings.is_readable:
        yield from islice(_environments(config, agent, environments), FAULTS_LIMIT)


def _extends(config: ConfigTree, document: Document, agent: str | None) -> Iterator[Diagnostic]:
    names = document.value.get("extends")
    for index, name in enumerate(extended(document.value)):
        if name not in config.profiles:
            config.unusable.add(document.path)
            path: KeyPath = ("extends", index) if isinstance(names, list) else ("extends",)
            hint = did_you_mean(name, config.profiles) or f"add _profiles/{name[:64]}.yaml"
            message = f"there is no profile '{name[:64]}'"
            span = document.value_span(path)
            yield Diagnostic(codes.UNKNOWN_PROFILE, message, document.file, span, render(path), agent, hint=hint)


def _cycles(config: ConfigTree) -> Iterator[Diagnostic]:
    for way in cycles(config.profiles):
        config.unusable.update(config.profiles[name].path for name in way)
        document = config.profiles[way[-2]]
        names = document.value.get("extends")
        path: KeyPath = ("extends", names.index(way[-1])) if isinstance(names, list) else ("extends",)
        message = f"profiles extend each other in a circle: {' -> '.join(way[:12])}"
        span = document.value_span(path)
        yield Diagnostic(codes.PROFILE_CYCLE, message, document.file, span, render(path), hint="break it here")


def _environments(config: ConfigTree, agent: AgentFile, known: Collection[str]) -> Iterator[Diagnostic]:
    document = agent.document
    blocks = document.value["environments"]
    for name in blocks if isinstance(blocks, dict) else ():
        if name not in known and not name.startswith("x-"):
            config.unusable.add(document.path)
            path = ("environments", name)
            hint = did_you_mean(name, known) or f"add _environments/{name[:64]}.yaml, or list it in _settings.yaml"
            message = f"there is no environment '{name[:64]}'"
            span = document.key_span(path)
            yield Diagnostic(codes.UNKNOWN_ENVIRONMENT, message, document.file, span, render(path), agent.id, hint=hint)


def _default_agent(config: ConfigTree) -> Iterator[Diagnostic]:
    name, document = config.settings.default_agent, config.settings.document
    if name is not None and document is not None and name not in config.agent_ids:
        hint = did_you_mean(name, config.agent_ids) or "name an agent of this tree by its id"
        span = document.value_span(("default_agent",))
        message = f"there is no agent '{name}'"
        yield Diagnostic(codes.UNKNOWN_DEFAULT_AGENT, message, document.file, span, "default_agent", hint=hint)
