"""Two trees to a review: what must be read, in how many parts, and what comes of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from agentconf import pipeline
from agentconf.diagnostic import Diagnostic, joined
from agentconf.diff.change import Cause, Change, Meaning
from agentconf.diff.compare import Sides, compare
from agentconf.diff.drafts import Drafts, Known, drafts_of, telling
from agentconf.diff.harmless import harmless
from agentconf.diff.judged_by_base import judged_by
from agentconf.diff.money import Forecast
from agentconf.diff.parts import shares_of
from agentconf.diff.pointers import followed
from agentconf.diff.remarks import Wholes, text_changes, tree_changes
from agentconf.diff.review import Review
from agentconf.diff.safeguards import loosened
from agentconf.diff.sides import Pair
from agentconf.diff.usage import Record, UnreadableUsage, by_agent
from agentconf.pipeline import Draft
from agentconf.rules.outlook import Outlook
from agentconf.rules.seen import Seen
from agentconf.source import layout
from agentconf.source.tree import Tree

Spread: TypeAlias = Callable[[Callable[[list[str]], "Share"], Sequence[list[str]]], list["Share"]]


@dataclass(frozen=True, slots=True)
class Order:
    """How to compare: in which environments (none: all that both sides check), by which records, in how many parts.

    `is_judged_by_base`: by the base's settings and excuses, so that a change cannot grade itself.
    """

    outlook: Outlook
    environments: tuple[str, ...] = ()
    usage: tuple[Record, ...] | None = None
    is_judged_by_base: bool = False
    parts: int = 1
    spread: Spread | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one part of the agents gives."""

    changes: tuple[Change, ...]
    base_findings: tuple[Diagnostic, ...]
    head_findings: tuple[Diagnostic, ...]
    forecast: Forecast
    environments: tuple[str | None, ...]
    seen: tuple[Seen, Seen]


def review(
    base: Tree, head: Tree, names: tuple[str, str], order: Order, known: tuple[Known, Known] | None = None
) -> Review:
    """Compare two trees, called by these names; what is `known` of both is not found out again.

    Raises UnknownEnvironment.
    """
    base, head = followed(base, head), followed(head, base)
    shares = shares_of(base, head, order.parts if order.spread else 1)
    if known is not None:
        shares = [telling(paths, known) for paths in shares]

    def work(paths: list[str]) -> Share:
        return Comparison(drafts_of(base, head, paths, known), order, is_first=paths is shares[0]).share()

    done = order.spread(work, shares) if order.spread and len(shares) > 1 else [work(one) for one in shares]
    environments = done[0].environments
    forecast = Forecast()
    for share in done:
        forecast.join(share.forecast)
    changes = list(chain.from_iterable(share.changes for share in done))
    changes += harmless(tree_changes(_wholes((base, head), done, order, known), changes))
    return Review(
        *names,
        environments,
        sorted(changes, key=_order),
        joined(chain.from_iterable(share.base_findings for share in done), environments),
        joined(chain.from_iterable(share.head_findings for share in done), environments),
        forecast if order.usage is not None else None,
    )


def _wholes(trees: tuple[Tree, Tree], done: list[Share], order: Order, known: tuple[Known, Known] | None) -> Wholes:
    """What all parts have seen together."""
    seen = (known[0].seen, known[1].seen) if known is not None else (Seen(), Seen())
    for share in done if known is None else ():
        for all_seen, one in zip(seen, share.seen, strict=True):
            all_seen.join(one)
    drafts = (known[0].draft, known[1].draft) if known is not None else None
    return Wholes(trees, drafts, seen, done[0].environments, order.outlook, order.is_judged_by_base)


def _order(change: Change) -> tuple[str, str, str, str]:
    return (change.agent or "", change.environment or "", change.kind if change.key is None else "", change.key or "")


class Comparison:
    """Some agents of both trees, with all the shared layers."""

    def __init__(self, drafts: Drafts, order: Order, *, is_first: bool) -> None:
        self.order = order
        self.is_first = is_first
        self.base, self.head = drafts.base, drafts.head
        self.changed_prompts = drafts.prompts
        self.changed = drafts.files | drafts.prompts
        self.environments = self._environments()

    def share(self) -> Share:
        changed, prompts = frozenset(self._changed_files()), frozenset(self.changed_prompts)
        sides = Sides(self.base, self._judged_head(), changed, prompts, self.order.outlook)
        forecast = Forecast()
        changes = compare(sides, self.environments)
        if self.order.usage is not None:
            self._count(sides, changes, forecast)
        if self.is_first:
            changes += loosened(self.base, self.head)
            changes += self._new_environments()
        changes += text_changes(sides.base, sides.head, self._own_files(), self.order.outlook)
        found = [self._findings(sides, at) for at in (0, 1)]
        return Share(tuple(harmless(changes)), found[0], found[1], forecast, self.environments, self._seen(sides))

    def _own_files(self) -> Iterator[str]:
        """The changed files that no other part looks at, too."""
        changed = dict.fromkeys(sorted(self._changed_files()))
        return (path for path in changed if self.is_first or layout.is_agent(path))

    def _seen(self, sides: Sides) -> tuple[Seen, Seen]:
        seen = Seen(), Seen()
        for environment in self.environments:
            for all_seen, side in zip(seen, sides.in_environment(environment), strict=True):
                all_seen.join(side.seen())
        return seen

    def _changed_files(self) -> Iterator[str]:
        """The changed files, and those that name a changed prompt: there the change is seen."""
        yield from self.changed
        for draft in (self.base, self.head):
            for path, seen in draft.inspected.items():
                if seen.prompt_paths and not self.changed.isdisjoint(seen.prompt_paths):
                    yield path

    def _judged_head(self) -> Draft:
        return judged_by(self.base, self.head) if self.order.is_judged_by_base else self.head

    def _environments(self) -> tuple[str | None, ...]:
        """Those asked for, which both sides must have; else those that both check."""
        if self.order.environments:
            for name in self.order.environments:
                for draft in (self.base, self.head):
                    pipeline.require_environment(draft.config, name)
            return self.order.environments
        checked = [draft.config.checked_environments for draft in (self.base, self.head)]
        both = tuple(name for name in checked[1] if name is None or name in self.base.config.known_environments)
        return both or (None,)

    def _new_environments(self) -> Iterator[Change]:
        """Environments that come and go: what they make of the agents has nothing to be compared with."""
        old, new = ({*draft.config.checked_environments} - {None} for draft in (self.base, self.head))
        for name in sorted(str(one) for one in new - old if one not in self.base.config.known_environments):
            meaning = Meaning("enabled", "low", f"the environment '{name}' is new")
            yield Change(None, name, "created", None, None, None, _place_of(self.head, name), (meaning,))
        for name in sorted(str(one) for one in old - new if one not in self.head.config.known_environments):
            meaning = Meaning("enabled", "medium", f"the environment '{name}' is gone: what runs in it cannot start")
            yield Change(None, name, "deleted", None, None, None, _place_of(self.base, name), (meaning,))

    def _count(self, sides: Sides, changes: list[Change], forecast: Forecast) -> None:
        """The cost of each agent that changes, in each environment. Raises UnreadableUsage."""
        if len(self.environments) > 1 and any(record.environment is None for record in self.order.usage or ()):
            names = ", ".join(str(name) for name in self.environments)
            raise UnreadableUsage(
                f"the usage does not say of every record in which environment it was, and {names} are compared: "
                "add a column 'environment', or choose one with -e"
            )
        for environment in self.environments:
            before, after = sides.in_environment(environment)
            records = by_agent(self.order.usage or (), environment)
            renamed = {one.agent: str(one.old) for one in changes if one.kind == "renamed"}
            for name in sorted({str(one.agent) for one in changes if one.agent and one.environment == environment}):
                old = renamed.get(name, name)
                pair = Pair(name, environment, before.view(old), after.view(name))
                forecast.add(pair, records.get(old))

    def _findings(self, sides: Sides, at: int) -> tuple[Diagnostic, ...]:
        """What is so wrong on a side that agents cannot be compared."""
        found = [one for one in (sides.base, sides.head)[at].findings if one.is_error]
        for environment in self.environments:
            side = sides.in_environment(environment)[at]
            for name, agent in side.agents.items():
                if agent.document.path in self.changed:
                    found += [one for one in side.findings(name) if one.is_error and one.rule.refuses]
        return tuple(found)


def _place_of(draft: Draft, environment: str) -> Cause | None:
    """Its own file, or else where the settings list it."""
    document = draft.config.environments.get(environment)
    if document is not None:
        return Cause(document.file, 1)
    settings = draft.config.settings.document
    return Cause(settings.file, settings.key_span(("environments",)).line) if settings is not None else None
