"""The agents of a snapshot, one by one, as they were accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from agentconf.config.agent import Agent
from agentconf.config.tree import AgentFile
from agentconf.diagnostic import Diagnostic
from agentconf.live.load import sealed
from agentconf.pipeline import Judge
from agentconf.snapshot.digest import agent_digest, digest_line, digest_lines
from agentconf.snapshot.seal import Sealer

OFF_DIGEST: Final = agent_digest({"enabled": False})


class Entry(NamedTuple):
    """One agent as it was last accepted. `agent` is None while it is switched off.

    `good` is what was accepted, which one that is refused may be switched off and on again without.
    """

    agent: Agent | None
    good: Agent | None
    digest: str
    has_delegates: bool
    findings: tuple[Diagnostic, ...] = ()

    def as_digest(self) -> str:
        """The digest of what is served: an agent that is off is only there."""
        return self.digest if self.agent is not None else OFF_DIGEST


@dataclass(slots=True)
class Served:
    """What a snapshot is made of, by agent id: kept so that the next one is made from it where little changed."""

    agents: dict[str, Agent] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    findings: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()
    lines: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: dict[str, Entry]) -> Served:
        digests = {name: entry.as_digest() for name, entry in entries.items()}
        return cls(
            {name: entry.agent for name, entry in entries.items() if entry.agent is not None},
            digests,
            {name: entry.findings for name, entry in entries.items() if entry.findings},
            frozenset(name for name, entry in entries.items() if entry.agent is None),
            digest_lines(digests),
        )

    def exchanged(self, entries: dict[str, Entry], names: Collection[str]) -> Served:
        """The same with other entries for some agents; what is not exchanged is not looked at."""
        if any(name not in self.agents or entries[name].agent is None for name in names):
            return Served.of(entries)
        served = Served(dict(self.agents), dict(self.digests), dict(self.findings), self.disabled, dict(self.lines))
        for name in names:
            entry = entries[name]
            if entry.agent is not None:
                served.agents[name] = entry.agent
            served.digests[name] = entry.as_digest()
            served.lines[name] = digest_line(name, served.digests[name])
            served.findings.pop(name, None)
            if entry.findings:
                served.findings[name] = entry.findings
        return served


def judged(judge: Judge, agents: Iterable[AgentFile]) -> Iterator[tuple[str, Entry | None, tuple[Diagnostic, ...]]]:
    """Each agent: its entry, or what refuses it."""
    sealer = Sealer()
    for agent in agents:
        one = judge.agent(agent)
        resolved = one.resolved
        if resolved is None:
            yield agent.id, None, one.findings
            continue
        has_delegates = "delegates" in resolved.config  # they must be there even for one that is off
        if not resolved.enabled:
            yield agent.id, Entry(None, None, one.digest, has_delegates, one.findings), ()
        else:
            typed, unfit = sealed(sealer, judge.served(resolved))
            entry = Entry(typed, typed, one.digest, has_delegates, one.findings)
            yield agent.id, None if unfit else entry, unfit
