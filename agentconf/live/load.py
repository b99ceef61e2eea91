"""`load`: a folder to a snapshot, once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from agentconf import pipeline
from agentconf.catalogue.assemble import Stated, stated
from agentconf.codes import MALFORMED_VALUE
from agentconf.config.agent import Agent
from agentconf.config.layers import Layer
from agentconf.config.merge import folded
from agentconf.config.resolve import Resolved, Resolver, finished
from agentconf.diagnostic import Diagnostic
from agentconf.errors import AgentNotFound
from agentconf.keypath import parse as parse_key
from agentconf.live.machine import chosen_environment, chosen_folder, machine_layers
from agentconf.live.outlook import outlook_at_run_time
from agentconf.pipeline import Draft, Verdict
from agentconf.rules.review import remarked
from agentconf.snapshot.explanation import Explanation, explain
from agentconf.snapshot.seal import Sealer
from agentconf.snapshot.snapshot import Facts, Snapshot
from agentconf.snapshot.wire import agent_json
from agentconf.source.folder import read_folder
from agentconf.source.layout import RESERVED_ID


def load(
    path: str | os.PathLike[str] | None = None, *, environment: str | None = None, strict: bool = True
) -> Snapshot:
    """Read a config tree once: a read-only mapping of agent id to `Agent`, resolved for one environment.

    `path` defaults to AGENTCONF_DIR, else `agents.d`; `environment` to AGENTCONF_ENVIRONMENT, else none. With
    `strict=False` the valid agents are given, and the findings as `snapshot.diagnostics`.

    Raises InvalidConfig (with every diagnostic), UnknownEnvironment, SourceUnavailable, and ValueError for a malformed
    AGENTCONF_LLM_* variable.
    """
    with pipeline.bulk():
        draft = pipeline.draft(read_folder(chosen_folder(path)))
        snapshot = seal(draft, chosen_environment(environment))
    return snapshot.require_valid() if strict else snapshot


def seal(draft: Draft, environment: str | None) -> Snapshot:
    """The snapshot of a draft in one environment, whatever is wrong with it."""
    machine = machine_for(draft)
    sealer = Sealer()
    agents: dict[str, Agent] = {}
    unfit: list[Diagnostic] = []

    def keep(resolved: Resolved, resolver: Resolver) -> None:
        if resolved.enabled:
            agent, findings = sealed(sealer, resolved)
            unfit.extend(findings)
            if agent is not None:
                agents[agent.id] = agent

    verdict = pipeline.judge(draft, environment, keep, machine)
    facts = _facts(draft, verdict, unfit, machine)
    return Snapshot(agents, facts, explainer(draft, facts, machine), fallback(environment, machine))


def machine_for(draft: Draft) -> tuple[Layer, ...]:
    """The machine's layers, which take part only in a tree that declares no providers. Raises ValueError."""
    return () if draft.config.declares_providers else machine_layers()


def sealed(sealer: Sealer, resolved: Resolved) -> tuple[Agent | None, tuple[Diagnostic, ...]]:
    """The typed agent; or none, and why: the schemas and the model disagree, a bug that must not take others down."""
    try:
        return sealer.seal(resolved), ()
    except ValueError as error:
        return None, (_unfit(resolved, error),)


def _unfit(agent: Resolved, error: ValueError) -> Diagnostic:
    message = f"the resolved agent does not fit its type ({type(error).__name__}); please report this"
    return Diagnostic(MALFORMED_VALUE, message, agent.file, agent=agent.id, environment=agent.environment)


def _facts(draft: Draft, verdict: Verdict, unfit: list[Diagnostic], machine: tuple[Layer, ...]) -> Facts:
    default = draft.config.settings.default_agent
    findings = (*verdict.findings, *unfit)
    refused = verdict.refused | {finding.agent for finding in unfit if finding.agent}
    return Facts(
        environment=verdict.environment,
        digest=verdict.digest,
        origin=draft.tree.origin,
        diagnostics=findings,
        default_agent=default,
        disabled=verdict.disabled,
        refused=refused,
        digests=verdict.digests,
        advise=adviser(draft, verdict.environment, findings),
        show=shower(draft, verdict.environment, verdict.digest, machine),
        settings=settings_of(draft),
        models=models_of(draft),
        send=sender(draft, verdict.environment, verdict.digest),
        takes_machine=bool(machine),
    )


def adviser(
    draft: Draft, environment: str | None, found: tuple[Diagnostic, ...]
) -> Callable[[], tuple[Diagnostic, ...]]:
    """What tells, beside what was found, what makes no sense in a tree: at run time never more than a warning."""

    def advise() -> tuple[Diagnostic, ...]:
        known = set(found)
        outlook = outlook_at_run_time()
        verdict = pipeline.judge(draft, environment, outlook=outlook)
        remarks = remarked(draft.config, draft.inspected.values(), outlook)
        here = [one for one in remarks.findings if one.environment in {None, environment}]
        fresh = [one for one in (*verdict.findings, *here) if one not in known and not one.rule.refuses]
        return tuple(replace(one, rule=replace(one.rule, severity="warning")) for one in fresh)

    return advise


def explainer(draft: Draft, facts: Facts, machine: tuple[Layer, ...]) -> Callable[[str, str], Explanation]:
    """What answers `Snapshot.explain`: it resolves again, when it is asked."""

    def explain_key(agent_id: str, key: str) -> Explanation:
        agent = draft.config.agents.get(agent_id)
        if agent is None or agent_id in facts.refused:
            raise AgentNotFound(f"there is no agent '{agent_id}' that could be explained")
        resolver = Resolver(draft.config, facts.environment, machine)
        return explain(resolver, resolver.resolve(agent), parse_key(key))

    return explain_key


def shower(
    draft: Draft, environment: str | None, digest: str, machine: tuple[Layer, ...]
) -> Callable[[str], dict[str, Any]]:
    """What answers `Snapshot.show`: it resolves again, when it is asked."""

    def show(agent_id: str) -> dict[str, Any]:
        resolver = Resolver(draft.config, environment, machine)
        return agent_json(resolver.resolve(draft.config.agents[agent_id]), digest)

    return show


def sender(draft: Draft, environment: str | None, digest: str) -> Callable[[str], dict[str, Any]]:
    """What answers `Snapshot.sent`: of many agents in a row, what they share is resolved once."""

    @cache
    def resolver() -> Resolver:
        return Resolver(draft.config, environment)

    def send(agent_id: str) -> dict[str, Any]:
        return agent_json(resolver().resolve(draft.config.agents[agent_id]), digest)

    return send


_UNKNOWN: Final[Mapping[str, Any]] = {"secrets": {"env": [], "files": []}}


def settings_of(draft: Draft) -> Mapping[str, Any]:
    """The settings as they are written. Where they cannot be read, references may name nothing until they can."""
    settings = draft.config.settings
    if not settings.is_readable:
        return _UNKNOWN
    said: Mapping[str, Any] = settings.document.value if settings.document is not None else {}
    return said


def models_of(draft: Draft) -> Callable[[], Stated]:
    """What tells what the tree says about models."""
    models, lock = draft.config.models, draft.config.lock
    return lambda: stated(models, lock)


def fallback(environment: str | None, machine: tuple[Layer, ...]) -> Callable[[], Agent | None]:
    """What a tree without providers answers for an unknown id: the model of this machine, under the reserved id."""

    def machine_agent() -> Agent | None:
        if not machine:
            return None
        return Agent.model_validate(
            {**finished(folded(machine)), "id": RESERVED_ID, "environment": environment, "file": ""}
        )

    return machine_agent
