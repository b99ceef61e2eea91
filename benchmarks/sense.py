"""The benchmark of the rules: what each costs for one agent in one environment.

usage: python -m benchmarks.sense [--agents 10000] [--output FILE]

Twice over the same generated tree: with models that are all alike, so that nothing is found and only the looking
counts, and with LiteLLM's facts, by which nearly every agent has a fallback that costs more or takes less. Prints the
table and writes its part of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from agentconf import pipeline
from agentconf.catalogue.catalogue import Catalogue
from agentconf.catalogue.facts import Facts
from agentconf.config.resolve import Resolved, Resolver
from agentconf.live.outlook import outlook_of_today
from agentconf.pipeline import Draft
from agentconf.rules.engine import Sense
from agentconf.rules.every import AGENT_RULES, AgentRule
from agentconf.rules.outlook import Outlook
from agentconf.rules.view import AgentView
from agentconf.source.folder import read_folder
from benchmarks import make_tree
from benchmarks.line import RESULTS
from benchmarks.results import sense_markdown, write_part

ROUNDS: Final = 5
GOAL_US: Final = 20.0
ENVIRONMENT: Final = "prod"


def facts_alike() -> Catalogue:
    """Models among which there is nothing to choose."""
    alike = Facts("", "models", "chat", None, 1_000_000, 100_000, input_per_million=1.0, output_per_million=2.0)
    return Catalogue({name: replace(alike, name=name) for name in make_tree.MODELS})


class Bench:
    """A tree of agents resolved once, and a way to look at them."""

    def __init__(self, draft: Draft, outlook: Outlook) -> None:
        self.sense = Sense(draft.config, outlook)
        self.resolver = Resolver(draft.config, ENVIRONMENT)
        self.agents = [self.resolver.resolve(agent) for agent in draft.config.agents.values()]

    def view(self, agent: Resolved) -> AgentView:
        return AgentView(self.resolver, agent, self.sense.knowledge)

    def all_rules_us(self) -> float:
        """All rules together, as `validate` asks them."""
        return self._us(lambda: [self.sense.agent(self.resolver, agent) for agent in self.agents])

    def each_us(self) -> dict[str, float]:
        """Each rule by itself, over views that are ready."""
        views = [self.view(agent) for agent in self.agents]
        for view in views:
            assert view.entries is not None
        found = {"the view of an agent": self._us(lambda: [self.view(agent).entries for agent in self.agents])}
        for rule in AGENT_RULES:
            needs = getattr(rule, "NEEDS", None)
            asked = [view for view in views if needs is None or needs in view.config]
            found[rule.RULE.name] = self._us(partial(_ask, rule, asked))
        return found

    def _us(self, work: Callable[[], object]) -> float:
        """The median time for one agent, in microseconds."""
        samples = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            work()
            samples.append(time.perf_counter() - started)
        return statistics.median(samples) / len(self.agents) * 1e6


def _ask(rule: AgentRule, views: list[AgentView]) -> None:
    for view in views:
        for _ in rule.check(view):
            pass


def table(alike: dict[str, float], real: dict[str, float]) -> str:
    lines = ["| rule | nothing found, µs | as generated, µs |", "| --- | ---: | ---: |"]
    order = sorted(alike, key=lambda name: -alike[name])
    return "\n".join([*lines, *(f"| {name} | {alike[name]:.2f} | {real[name]:.2f} |" for name in order)])


def summary(alike: float, real: float) -> str:
    reached = "yes" if alike <= GOAL_US else "**no**"
    return "\n".join((
        "| all rules together, for one agent in one environment | µs | goal | reached |",
        "| --- | ---: | --- | --- |",
        f"| nothing found | {alike:.1f} | ≤ {GOAL_US:g} | {reached} |",
        f"| as generated: two findings an agent, each with its place | {real:.1f} |  |  |",
    ))  # fmt: skip


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sense", description="Measure the rules.")
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: RESULTS.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="agentconf-bench-") as folder, pipeline.bulk():
        root = Path(folder) / "agents.d"
        make_tree.write_tree(root, options.agents)
        draft = pipeline.draft(read_folder(root))
        today = outlook_of_today()
        alike = Bench(draft, Outlook(today.today, lambda _: facts_alike()))
        real = Bench(draft, today)
        real.all_rules_us()  # from now on the places in the text are known, as in the second environment
        said = summary(alike.all_rules_us(), real.all_rules_us()), table(alike.each_us(), real.each_us())
    print(*said, sep="\n\n")
    command = f"python -m benchmarks.sense --agents {options.agents}"
    write_part(options.output or RESULTS, sense_markdown(*said, command))
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
