"""From one accepted tree to the next: only what changed is parsed, only what depends on it resolved.

An agent whose newest configuration is refused keeps its last good.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from agentconf import pipeline
from agentconf.config.agent import Agent
from agentconf.config.tree import AgentFile, ConfigTree
from agentconf.diagnostic import Diagnostic, in_order
from agentconf.document.document import Document
from agentconf.errors import UnknownEnvironment
from agentconf.live.last_good import Bytes
from agentconf.live.load import explainer, fallback, machine_for, sealed
from agentconf.pipeline import Draft, Judge
from agentconf.snapshot.digest import agent_digest, tree_digest
from agentconf.snapshot.explanation import Explanation
from agentconf.snapshot.seal import Sealer
from agentconf.snapshot.snapshot import Facts, Snapshot
from agentconf.source.tree import Tree

Mode: TypeAlias = Literal["per-agent", "transactional"]

_OFF: dict[str, Any] = {"enabled": False}


@dataclass(frozen=True, slots=True)
class Entry:
    """One agent as it was last accepted. `agent` is None while it is switched off.

    `good` is what was accepted, which one that is refused may be switched off and on again without.
    """

    agent: Agent | None
    good: Agent | None
    digest: str
    has_delegates: bool
    findings: tuple[Diagnostic, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What a reload gave. `snapshot` is None where nothing of the tree may be applied; `reason` says why."""

    snapshot: Snapshot | None
    attempted: str | None = None
    quarantined: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    findings: tuple[Diagnostic, ...] = ()
    reason: str | None = None


class Reloader:
    """Resolves trees one after the other in one environment, each from the one before."""

    def __init__(self, environment: str | None, mode: Mode = "per-agent") -> None:
        self.environment = environment
        self.mode = mode
        self.draft: Draft | None = None
        self.generation = 0
        self._digest = ""
        self._entries: dict[str, Entry] = {}
        self._held: dict[str, Draft] = {}
        self._before: Judge | None = None
        self._good: Draft | None = None
        self._refused: dict[str, tuple[Diagnostic, ...]] = {}

    @property
    def digest(self) -> str:
        return self._digest

    def resume(self, generation: int, digest: str) -> None:
        """Count on from what was served before this process began."""
        self.generation, self._digest = generation, digest

    def apply(self, tree: Tree, changed: Collection[str]) -> Outcome:
        """The next tree, which differs from the last in the files and prompts `changed`."""
        with pipeline.bulk():
            if self.draft is None:
                self.draft = pipeline.draft(tree)
            else:
                self.draft = pipeline.redraft(self.draft, tree, changed)
            try:
                judge = Judge(self.draft, self.environment, machine_for(self.draft))
            except UnknownEnvironment as error:
                self._before = None
                return Outcome(None, findings=in_order(self.draft.findings), reason=str(error))
            return self._judge(judge)

    def hold(self, agents: Iterable[str], tree: Tree) -> None:
        """Take agents as they are in another tree, in which they were last good."""
        draft = pipeline.draft(tree)
        try:
            judge = Judge(draft, self.environment, machine_for(draft))
        except UnknownEnvironment:
            return
        wanted = {name: draft.config.agents[name] for name in agents if name in draft.config.agents}
        for name, entry, _ in _judged(judge, wanted.values()):
            if entry is not None:
                self._entries[name] = entry
                self._held[name] = draft
        self._before = None

    def held(self) -> Iterator[tuple[tuple[str, ...], Bytes]]:
        """The bytes of all layers of the agents that keep their last good, those with the same layers together."""
        groups: dict[int, tuple[Draft, list[str]]] = {}
        for name, draft in self._held.items():
            groups.setdefault(id(draft), (draft, []))[1].append(name)
        for draft, names in groups.values():
            yield tuple(names), _bytes_of(draft, names, self.environment)

    def _judge(self, judge: Judge) -> Outcome:
        entries, refused = self._next(judge)
        said = {name: self._said_of(judge, name, findings) for name, findings in refused.items()}
        outcome = Outcome(None, self._attempted(judge, entries, said), said)
        if self.mode == "transactional":
            found = (*judge.findings, *(one for findings in said.values() for one in findings))
            if any(one.is_error and one.rule.refuses for one in found):
                self._before = None  # the next tree is compared with what is served, not with this one
                outcome.findings = in_order(found)
                outcome.reason = "the tree has errors, and is applied whole or not at all"
                return outcome
        self._hold_refused(judge, entries, refused)
        self._entries, self._refused, self._before, self._good = entries, refused, judge, judge.draft
        outcome.snapshot = self._snapshot(judge, said)
        outcome.findings = outcome.snapshot.diagnostics
        if refused:
            outcome.reason = _refusal(len(refused))
        return outcome

    def _next(self, judge: Judge) -> tuple[dict[str, Entry], dict[str, tuple[Diagnostic, ...]]]:
        """The agents as they are now, and those that are refused with what was found in them."""
        entries, refused = dict(self._entries), dict(self._refused)
        for name, entry, findings in _judged(judge, self._affected(judge)):
            if entry is not None:
                entries[name] = entry
                refused.pop(name, None)
            else:
                refused[name] = findings
        for group in (entries, refused):
            for name in group.keys() - judge.config.agents.keys():
                group.pop(name)
        return entries, refused

    def _affected(self, judge: Judge) -> Iterable[AgentFile]:
        """The agents that may differ from what they were in the tree before."""
        before, agents = self._before, judge.config.agents
        if before is None or _is_another_world(before, judge):
            return agents.values()
        shared = _changed_shared(before.config, judge.config)
        names_changed = before.config.agent_ids != judge.config.agent_ids
        spoilt = before.spoilt ^ judge.spoilt
        known, entries = before.config.agents, self._entries

        def may_differ(agent: AgentFile) -> bool:
            if known.get(agent.id) is not agent or agent.id in spoilt:
                return True
            return names_changed and (agent.id not in entries or entries[agent.id].has_delegates)

        reached = _reached(judge, before, shared)
        return [agent for agent in agents.values() if may_differ(agent) or reached(agent)]

    def _hold_refused(self, judge: Judge, entries: dict[str, Entry], refused: Collection[str]) -> None:
        """What is refused keeps its last good, but for `enabled: false`; what is good again is let go."""
        self._held = {name: draft for name, draft in self._held.items() if name in refused}
        for name in refused:
            if name in entries:
                draft = self._held.setdefault(name, self._good or judge.draft)
                is_off = _is_switched_off(judge.config, draft.config, name, self.environment)
                entries[name] = replace(entries[name], agent=None if is_off else entries[name].good)

    def _said_of(self, judge: Judge, name: str, findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Everything that speaks against an agent: what was found in its layers, and in what they make together."""
        agent = judge.config.agents[name]
        files = {document.file for document in judge.config.documents_of(agent, self.environment)}
        said = [one for one in judge.findings if one.is_error and (one.agent == name or _is_shared(one, files))]
        return in_order((*said, *findings))

    def _attempted(self, judge: Judge, entries: dict[str, Entry], refused: Collection[str]) -> str | None:
        """The digest of the tree without what is refused; None where that is nothing, since it is what is served."""
        if not refused:
            return None
        digests = {name: entry.digest for name, entry in entries.items() if name not in refused}
        return tree_digest(digests, judge.config.settings.default_agent)

    def _snapshot(self, judge: Judge, refused: dict[str, tuple[Diagnostic, ...]]) -> Snapshot:
        entries, draft = self._entries, judge.draft
        default = judge.config.settings.default_agent
        digests = {name: entry.digest for name, entry in entries.items()}
        digests.update((name, _OFF_DIGEST) for name in self._held if entries[name].agent is None)
        digest = tree_digest(digests, default)
        if digest != self._digest:
            self.generation, self._digest = self.generation + 1, digest
        found = [one for findings in refused.values() for one in findings]
        found += [one for entry in entries.values() for one in entry.findings]
        facts = Facts(
            environment=self.environment,
            digest=digest,
            origin=draft.tree.origin,
            diagnostics=in_order((*judge.findings, *found)),
            default_agent=default,
            disabled=frozenset(name for name, entry in entries.items() if entry.agent is None),
            refused=frozenset(name for name in refused if name not in entries),
            generation=self.generation,
            digests=digests,
        )
        agents = {name: entry.agent for name, entry in entries.items() if entry.agent is not None}
        explain = _explainer(draft, dict(self._held), facts)
        return Snapshot(agents, facts, explain, fallback(self.environment, machine_for(draft)))


_OFF_DIGEST = agent_digest(_OFF)


def _judged(judge: Judge, agents: Iterable[AgentFile]) -> Iterator[tuple[str, Entry | None, tuple[Diagnostic, ...]]]:
    """Each agent: its entry, or what refuses it."""
    sealer = Sealer()
    for agent in agents:
        judged = judge.agent(agent)
        resolved = judged.resolved
        if resolved is None:
            yield agent.id, None, judged.findings
        elif not resolved.enabled:
            yield agent.id, Entry(None, None, judged.digest, False, judged.findings), ()
        else:
            typed, unfit = sealed(sealer, judge.served(resolved))
            has_delegates = "delegates" in resolved.config
            entry = Entry(typed, typed, judged.digest, has_delegates, judged.findings)
            yield agent.id, None if unfit else entry, unfit


def _is_another_world(before: Judge, after: Judge) -> bool:
    """Whether something changed that every agent may depend on."""
    one, other = before.config, after.config
    return (
        one.settings.document is not other.settings.document
        or one.settings.is_readable != other.settings.is_readable
        or one.models is not other.models
        or one.declares_providers != other.declares_providers
    )


def _shared(config: ConfigTree) -> dict[str, Document]:
    documents = (*config.defaults.values(), *config.profiles.values(), *config.environments.values())
    return {document.path: document for document in documents}


def _changed_shared(before: ConfigTree, after: ConfigTree) -> set[str]:
    """The paths of shared layers that are new, gone, different, or no longer as usable as they were."""
    one, other = _shared(before), _shared(after)
    changed = {path for path in one.keys() | other.keys() if one.get(path) is not other.get(path)}
    return changed | (before.unusable ^ after.unusable)


def _reached(judge: Judge, before: Judge, changed: set[str]) -> Callable[[AgentFile], bool]:
    """Tells which agents have a changed layer, before or after; agents with the same layers are one case."""
    known: dict[tuple[str, tuple[str, ...]], bool] = {}

    def reached(agent: AgentFile) -> bool:
        if agent.document.path in changed:
            return True
        said = agent.document.value.get("extends", ())
        key = (agent.folder, (said,) if isinstance(said, str) else tuple(map(str, said or ())))
        if key not in known:
            sides = ((judge.config, judge.environment), (before.config, before.environment))
            known[key] = any(
                document.path in changed
                for config, environment in sides
                for document in config.documents_of(agent, environment)
            )
        return known[key]

    return reached if changed else lambda agent: False


def _is_shared(finding: Diagnostic, files: Collection[str]) -> bool:
    return finding.agent is None and finding.file in files


def _is_switched_off(now: ConfigTree, then: ConfigTree, name: str, environment: str | None) -> bool:
    """Whether `enabled: false` stands highest, read from what can be read: of other layers the last good counts."""
    agent = now.agents[name]
    last = {document.path: document for document in _documents_of(then, name, environment)}
    overrides: list[Any] = []
    blocks: list[Any] = []
    for document in now.documents_of(agent, environment):
        value = (document if document.is_readable else last.get(document.path, document)).value
        if document is agent.document:
            environments = value.get("environments")
            overrides.append(environments.get(environment) if isinstance(environments, dict) else None)
            blocks.append(value)
        elif environment is not None and document is now.environments.get(environment):
            overrides.append(value.get("overrides"))
            blocks.append(value.get("defaults"))
        else:
            blocks.append(value)
    said = [block.get("enabled") for block in (*blocks, *overrides) if isinstance(block, dict)]
    return next((value for value in reversed(said) if isinstance(value, bool)), True) is False


def _documents_of(config: ConfigTree, name: str, environment: str | None) -> Iterator[Document]:
    if name in config.agents:
        yield from config.documents_of(config.agents[name], environment)


def _bytes_of(draft: Draft, names: Iterable[str], environment: str | None) -> Bytes:
    """The bytes that some agents are made of: their own files, all their layers, the settings, and their prompts."""
    config, files, prompts = draft.config, {}, {}
    settings = (config.settings.document, config.models)
    documents = {document.path: document for document in settings if document is not None}
    for name in names:
        for document in config.documents_of(config.agents[name], environment):
            documents[document.path] = document
    for path, document in documents.items():
        files[path] = document.data
        seen = draft.inspected.get(path)
        for prompt in seen.prompt_paths if seen else ():
            data = draft.tree.open_prompt(prompt)
            if isinstance(data, bytes):
                prompts[prompt] = data
    return Bytes(files, prompts)


def _explainer(draft: Draft, held: dict[str, Draft], facts: Facts) -> Callable[[str, str], Explanation]:
    def explain_key(agent_id: str, key: str) -> Explanation:
        its = held.get(agent_id, draft)
        return explainer(its, facts, machine_for(its))(agent_id, key)

    return explain_key


def _refusal(count: int) -> str:
    who = "1 agent is" if count == 1 else f"{count} agents are"
    return f"the newest configuration of {who} refused; the last good is served where there is one"
