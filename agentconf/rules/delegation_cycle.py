"""Agents delegate to each other in a circle.

What: Following `delegates` leads back to the agent, or it names itself.
Why: Two agents that hand a question to each other go on until a limit stops them, and each turn costs.

Bad:

    owner: support@example.com
    delegates: [assistant]  # AC212
    llm: {model: openai/gpt-4.1-mini}

Good:

    owner: support@example.com
    delegates: [analyst]
    llm: {model: openai/gpt-4.1-mini}
    # in analyst.yaml
    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}

Fix: Take one of them out; or limit the depth where the agents run, and excuse the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.rules.seen import Whole

RULE: Final = codes.DELEGATION_CYCLE


def check_tree(whole: Whole) -> Iterator[Diagnostic]:
    """Each circle once, on a reference in it."""
    told: set[tuple[str, ...]] = set()
    for environment in whole.environments:
        delegating = whole.seen.delegating.get(environment, {})
        for way in _circles({name: one.names for name, one in delegating.items()}):
            if way not in told:
                told.add(way)
                last = delegating[way[-1]]
                message = f"agents delegate in a circle: {' -> '.join((*way[:12], way[0]))}"
                key = ("delegates", last.names.index(way[0]))
                said = (message, "take one of them out, or limit the depth where they run")
                yield whole.finding(RULE, last.path, key, said, way[-1])


def _circles(graph: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """One circle of each group of agents that can all reach each other, beginning with its smallest id."""
    finished: set[str] = set()
    for start in sorted(graph):
        way: list[str] = []
        ahead: list[tuple[str, Iterator[str]]] = []
        if start not in finished:
            way.append(start)
            ahead.append((start, iter(graph[start])))
        while ahead:
            name, following = ahead[-1]
            step = next(following, None)
            if step is None:
                finished.add(name)
                ahead.pop()
                way.pop()
            elif step in way:
                yield _from_smallest(way[way.index(step) :])
            elif step in graph and step not in finished:
                way.append(step)
                ahead.append((step, iter(graph[step])))


def _from_smallest(way: list[str]) -> tuple[str, ...]:
    first = way.index(min(way))
    return (*way[first:], *way[:first])
