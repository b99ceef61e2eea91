"""From one accepted tree to the next: only what changed is parsed, only what depends on it resolved.

An agent whose newest configuration is refused keeps its last good.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

from agentconf import pipeline
from agentconf.config.tree import ConfigTree
from agentconf.diagnostic import Diagnostic, in_order
from agentconf.errors import UnknownEnvironment
from agentconf.live.affected import affected
from agentconf.live.entries import Entry, Served, judged
from agentconf.live.gently import in_turns, pause
from agentconf.live.kept import Bytes
from agentconf.live.load import adviser, explainer, fallback, machine_for, models_of, sender, settings_of, shower
from agentconf.live.quarantine import as_it_stands, bytes_of, delegates_of, is_switched_off, narrowed
from agentconf.pipeline import Draft, Judge
from agentconf.snapshot.digest import lines_digest, tree_digest
from agentconf.snapshot.explanation import Explanation
from agentconf.snapshot.snapshot import Facts, Snapshot
from agentconf.source.tree import Tree

T = TypeVar("T")

Mode: TypeAlias = Literal["per-agent", "transactional"]


@dataclass(slots=True)
class Outcome:
    """What a reload gave. `snapshot` is None where nothing of the tree may be applied; `reason` says why."""

    snapshot: Snapshot | None
    attempted: str | None = None
    quarantined: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    findings: tuple[Diagnostic, ...] = ()
    reason: str | None = None
    error: UnknownEnvironment | None = None

    @property
    def is_good(self) -> bool:
        """Whether all of the tree was applied, and nothing in it is refused."""
        return self.snapshot is not None and not any(one.is_error and one.rule.refuses for one in self.findings)


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
        self._served = Served()
        self._settings: Mapping[str, Any] | None = None
        self.leftovers: list[list[Any]] = []
        """What was served before, in part or in whole; to be let go of gently."""

    @property
    def digest(self) -> str:
        return self._digest

    def resume(self, generation: int, digest: str) -> None:
        """Count on from what was served before this process began."""
        self.generation, self._digest = generation, digest

    def apply(self, tree: Tree, changed: Collection[str]) -> Outcome:
        """The next tree, which differs from the last in the files and prompts `changed`."""
        with (
            pipeline.bulk()
        ):  # else what ten thousand agents keep alive would be walked now and then, for half a second
            if self.draft is None:
                self.draft = pipeline.draft(tree)
            else:
                self.draft = pipeline.redraft(self.draft, tree, changed, pause)
            try:
                judge = Judge(self.draft, self.environment, machine_for(self.draft))
            except UnknownEnvironment as error:
                self._before = None
                return Outcome(None, findings=in_order(self.draft.findings), reason=str(error), error=error)
            return self._judge(judge)

    def hold(self, agents: Iterable[str], tree: Tree) -> None:
        """Take agents as they are in another tree, in which they were last good: it need not hold their delegates."""
        draft = pipeline.draft(tree)
        draft.config.agent_ids |= delegates_of(draft)
        try:
            judge = Judge(draft, self.environment, machine_for(draft))
        except UnknownEnvironment:
            return
        wanted = {name: draft.config.agents[name] for name in agents if name in draft.config.agents}
        for name, entry, _ in judged(judge, wanted.values()):
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
            yield tuple(names), bytes_of(draft)

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
        is_whole = self._before is None or bool(refused or self._refused)
        few = None if is_whole else judge.draft.exchanged
        if few is None and self._good is not None:
            self.leftovers += [list(self._entries.values()), list(self._good.inspected.values())]
        self._entries, self._refused, self._before, self._good = entries, refused, judge, judge.draft
        outcome.snapshot = self._snapshot(judge, said, few)
        outcome.findings = outcome.snapshot.diagnostics
        if not outcome.is_good:
            outcome.reason = _refusal(len(refused))
        return outcome

    def _next(self, judge: Judge) -> tuple[dict[str, Entry], dict[str, tuple[Diagnostic, ...]]]:
        """The agents as they are now, and those that are refused with what was found in them."""
        entries, refused = dict(self._entries), dict(self._refused)
        agents = affected(self._before, judge, entries, refused)
        for name, entry, findings in judged(judge, agents if self._before is None else in_turns(agents)):
            if entry is not None:
                entries[name] = entry
                refused.pop(name, None)
            else:
                refused[name] = findings
        if judge.draft.exchanged is None or self._before is None:
            entries, refused = _in_tree(judge.config, entries), _in_tree(judge.config, refused)
        return entries, refused

    def _hold_refused(self, judge: Judge, entries: dict[str, Entry], refused: Collection[str]) -> None:
        """What is refused keeps its last good, but for `enabled: false`; what is good again is let go."""
        self._held = {name: draft for name, draft in self._held.items() if name in refused}
        fresh = [name for name in refused if name in entries and name not in self._held]
        if fresh:
            self._held |= dict.fromkeys(fresh, narrowed(self._good or judge.draft, fresh))
        trees = {id(draft): draft.config for draft in self._held.values()}
        standing = {number: as_it_stands(judge.config, config) for number, config in trees.items()}
        for name, draft in self._held.items():
            is_off = is_switched_off(standing[id(draft)], draft.config, name, self.environment)
            entries[name] = entries[name]._replace(agent=None if is_off else entries[name].good)

    def _said_of(self, judge: Judge, name: str, findings: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Everything that speaks against an agent: what was found in its layers, and in what they make together."""
        agent = judge.config.agents[name]
        files = {document.file for document in judge.config.documents_of(agent, self.environment)}
        errors = [one for one in judge.findings if one.is_error]
        said = [one for one in errors if one.agent == name or (one.agent is None and one.file in files)]
        return in_order((*said, *findings))

    def _attempted(self, judge: Judge, entries: dict[str, Entry], refused: Collection[str]) -> str | None:
        """The digest of the tree without what is refused; None where that is nothing, since it is what is served."""
        if not refused:
            return None
        digests = {name: entry.digest for name, entry in entries.items() if name not in refused}
        return tree_digest(digests, judge.config.settings.default_agent)

    def _snapshot(
        self, judge: Judge, refused: dict[str, tuple[Diagnostic, ...]], few: Collection[str] | None
    ) -> Snapshot:
        """The snapshot of the entries, of which but a `few` are as they were; None for anything else."""
        entries, draft = self._entries, judge.draft
        served = Served.of(entries) if few is None else self._served.exchanged(entries, few)
        default = judge.config.settings.default_agent
        if few is None:
            pause()
        digest = lines_digest(served.lines, default)
        if few is None:
            pause()
        if digest != self._digest:
            self.generation, self._digest = self.generation + 1, digest
        found = (one for group in (refused, served.findings) for findings in group.values() for one in findings)
        findings = in_order((*judge.findings, *found))
        machine = machine_for(draft)
        if self._settings is None or draft.config.has_good_settings:  # a slip widens nothing
            self._settings = settings_of(draft)
        facts = Facts(
            environment=self.environment,
            digest=digest,
            origin=draft.tree.origin,
            diagnostics=findings,
            default_agent=default,
            disabled=served.disabled,
            refused=frozenset(name for name in refused if name not in entries),
            generation=self.generation,
            digests=served.digests,
            advise=adviser(draft, self.environment, findings),
            show=_shower(draft, dict(self._held), self.environment, digest),
            settings=self._settings,
            models=models_of(draft),
            send=_sender(draft, dict(self._held), self.environment, digest),
            takes_machine=bool(machine),
        )
        self._served = served
        explain = _explainer(draft, dict(self._held), facts)
        return Snapshot(served.agents, facts, explain, fallback(self.environment, machine))


def _in_tree(config: ConfigTree, group: dict[str, T]) -> dict[str, T]:
    """Those whose agent is in the tree, in its order."""
    return {name: group[name] for name in config.agents if name in group}


def _explainer(draft: Draft, held: dict[str, Draft], facts: Facts) -> Callable[[str, str], Explanation]:
    def explain_key(agent_id: str, key: str) -> Explanation:
        its = held.get(agent_id, draft)
        return explainer(its, facts, machine_for(its))(agent_id, key)

    return explain_key


def _shower(
    draft: Draft, held: dict[str, Draft], environment: str | None, digest: str
) -> Callable[[str], dict[str, Any]]:
    def show(agent_id: str) -> dict[str, Any]:
        its = held.get(agent_id, draft)
        return shower(its, environment, digest, machine_for(its))(agent_id)

    return show


def _sender(
    draft: Draft, held: dict[str, Draft], environment: str | None, digest: str
) -> Callable[[str], dict[str, Any]]:
    send = sender(draft, environment, digest)
    others = {name: sender(its, environment, digest) for name, its in held.items()}
    return lambda agent_id: others.get(agent_id, send)(agent_id)


def _refusal(count: int) -> str:
    if not count:
        return "the tree has errors, though none that refuses an agent"
    who = "1 agent is" if count == 1 else f"{count} agents are"
    return f"the newest configuration of {who} refused; the last good is served where there is one"
