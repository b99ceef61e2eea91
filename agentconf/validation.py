"""The whole tree in every environment that must validate: what `agentconf validate` says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from agentconf import pipeline
from agentconf.diagnostic import Diagnostic, joined
from agentconf.pipeline import Verdict
from agentconf.progress import Progress
from agentconf.redact import without_keys
from agentconf.rules.outlook import Knowledge, Outlook
from agentconf.rules.review import Remarks, concluded, remarked
from agentconf.rules.seen import Whole
from agentconf.snapshot.digest import tree_digest
from agentconf.source import layout
from agentconf.source.tree import Tree

Spread: TypeAlias = Callable[[Callable[[list[str]], "Part"], Sequence[list[str]]], list["Part"]]


@dataclass(frozen=True, slots=True)
class Validation:
    """The outcome for a tree. `digests` is by environment; a tree without environments has one under None."""

    path: str
    files: int
    agents: int
    environments: tuple[str | None, ...]
    digests: dict[str | None, str]
    diagnostics: tuple[Diagnostic, ...]
    prompts: tuple[str, ...] = ()
    """The files beside the tree's own that were read: what a cache must look at too."""

    @property
    def errors(self) -> int:
        return sum(finding.is_error for finding in self.diagnostics)

    @property
    def warnings(self) -> int:
        return len(self.diagnostics) - self.errors

    def as_json(self) -> dict[str, Any]:
        """The object that `validate --format json` prints."""
        return {
            "ok": self.errors == 0,
            "path": self.path,
            "files": self.files,
            "agents": self.agents,
            "environments": [without_keys(name) for name in self.environments if name is not None],
            "errors": self.errors,
            "warnings": self.warnings,
            "digests": {without_keys(name or ""): digest for name, digest in self.digests.items()},
            "diagnostics": [finding.as_json() for finding in self.diagnostics],
        }


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a tree gives: some of its agents, with all the shared layers."""

    verdicts: tuple[Verdict, ...]
    prompts: tuple[str, ...]
    remarks: Remarks
    findings: tuple[Diagnostic, ...] = ()
    """Those about environments that are not checked, too; said where none was asked for."""


@dataclass(frozen=True, slots=True)
class Order:
    """How to go about it: in which environments (none: all that must validate), in how many parts, telling whom."""

    environments: tuple[str, ...] = ()
    parts: int = 1
    spread: Spread | None = None
    progress: Progress | None = None
    outlook: Outlook | None = None
    """With one, what makes no sense is said too."""


def validate(tree: Tree, order: Order = Order()) -> Validation:
    """Check a whole tree. Raises UnknownEnvironment."""
    shares = _shares(tree, order.parts if order.spread else 1)

    def work(share: list[str]) -> Part:
        return _part(tree, share, order if share is shares[0] else replace(order, progress=None))

    done = order.spread(work, shares) if order.spread else [work(share) for share in shares]
    verdicts = [verdict for part in done for verdict in part.verdicts]
    checked = tuple(verdict.environment for verdict in done[0].verdicts)
    return Validation(
        path=tree.shown_as,
        files=len(tree.files),
        agents=sum(layout.is_agent(path) for path in tree.files),
        environments=checked,
        digests={name: _digest([verdict for verdict in verdicts if verdict.environment == name]) for name in checked},
        diagnostics=joined((*_found(done), *_conclusions(tree, done, order, checked)), checked),
        prompts=tuple(sorted({path for part in done for path in part.prompts})),
    )


def _found(parts: Sequence[Part]) -> Iterator[Diagnostic]:
    for part in parts:
        yield from part.findings
        yield from part.remarks.findings


def _part(tree: Tree, paths: list[str], order: Order) -> Part:
    draft = pipeline.draft(tree, paths, order.progress)
    asked, outlook = order.environments, order.outlook
    checked = asked or draft.config.checked_environments
    verdicts = tuple(pipeline.judge(draft, environment, outlook=outlook) for environment in checked)
    elsewhere = () if asked else tuple(one for one in draft.findings if one.environment not in {None, *checked})
    remarks = remarked(draft.config, draft.inspected.values(), outlook) if outlook else Remarks()
    found = joined((one for verdict in verdicts for one in verdict.findings), checked)  # half as much to hand over
    lean = tuple(replace(verdict, findings=()) for verdict in verdicts)
    return Part(lean, tuple(draft.config.prompt_paths), remarks, (*elsewhere, *found))


def _conclusions(
    tree: Tree, parts: Sequence[Part], order: Order, checked: tuple[str | None, ...]
) -> Iterator[Diagnostic]:
    """What only shows when all parts are done."""
    if order.outlook is None:
        return
    shared = pipeline.draft(tree, [path for path in tree.files if not layout.is_agent(path)])
    whole = Remarks()
    for part in parts:
        whole.join(part.remarks)
        for verdict in part.verdicts:
            whole.seen.join(verdict.seen)
            whole.used |= verdict.used
    seen = Whole(tree, Knowledge(shared.config, order.outlook), whole.seen, checked)
    yield from concluded(seen, whole, is_complete=not order.environments)


def _digest(verdicts: list[Verdict]) -> str:
    digests = {agent: digest for verdict in verdicts for agent, digest in verdict.digests.items()}
    return tree_digest(digests, verdicts[0].default_agent)


def _shares(tree: Tree, parts: int) -> list[list[str]]:
    """The paths of each part: all shared layers, and every n-th agent."""
    shared = [path for path in tree.files if not layout.is_agent(path)]
    agents = [path for path in tree.files if layout.is_agent(path)]
    return [shared + agents[start::parts] for start in range(parts)]


