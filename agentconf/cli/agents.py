"""What `list`, `show` and `explain` look at: the agents of a tree as this machine would serve them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import click

from agentconf import pipeline
from agentconf.cli import console
from agentconf.config.resolve import Resolved, Resolver
from agentconf.live.machine import chosen_environment, chosen_folder, machine_layers
from agentconf.pipeline import Draft, Verdict
from agentconf.source.folder import read_folder
from agentconf.suggest import did_you_mean


class HasErrors(Exception):
    """The agent that was asked for has errors; they have been printed."""


@dataclass
class Agents:
    """The agents of one environment, disabled ones too; those with errors are left out."""

    draft: Draft
    environment: str | None

    def __post_init__(self) -> None:
        self.resolved: dict[str, Resolved] = {}
        self.machine = () if self.draft.config.declares_providers else machine_layers()

        def keep(agent: Resolved, resolver: Resolver) -> None:
            self.resolved[agent.id] = agent

        with pipeline.bulk():
            self.verdict: Verdict = pipeline.judge(self.draft, self.environment, keep, self.machine)

    @cached_property
    def resolver(self) -> Resolver:
        return Resolver(self.draft.config, self.environment, self.machine)

    def agent(self, name: str) -> Resolved:
        """One agent. Raises click.ClickException where there is none, HasErrors where it cannot be resolved."""
        if name in self.resolved:
            return self.resolved[name]
        if name in self.draft.config.agent_ids:
            errors = [
                finding for finding in self.verdict.findings if finding.is_error and finding.agent in {name, None}
            ]
            for finding in errors:
                console.note(str(finding))
            raise HasErrors
        hint = did_you_mean(name, self.draft.config.agent_ids) or "see 'agentconf list'"
        raise click.ClickException(f"there is no agent '{name}'; {hint}")

    def note_refused(self) -> int:
        """Says how many agents are left out; how many that is."""
        count = len(self.verdict.refused)
        if count:
            said = "1 agent has" if count == 1 else f"{count} agents have"
            console.note(f"{said} errors and is not shown; see 'agentconf validate'" if count == 1 else
                         f"{said} errors and are not shown; see 'agentconf validate'")  # fmt: skip
        return count


def read_agents(path: str | None, environment: str | None) -> Agents:
    """The agents of a tree. Raises SourceUnavailable and UnknownEnvironment."""
    with pipeline.bulk():
        draft = pipeline.draft(read_folder(chosen_folder(path)))
    return Agents(draft, chosen_environment(environment))
