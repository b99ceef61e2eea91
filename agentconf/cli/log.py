"""`agentconf log`: the commits that changed a resolved agent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from agentconf.cli import console, options
from agentconf.cli.status import GOOD
from agentconf.live.machine import chosen_folder
from agentconf.live.outlook import outlook_of_today
from agentconf.pipeline import bulk

if TYPE_CHECKING:
    from agentconf.diff.change import Change
    from agentconf.source.git.history import Commit
    from agentconf.source.git.repository import Located


@dataclass(frozen=True, slots=True)
class _Entry:
    """A commit, and what it changed."""

    commit: Commit
    changes: list[Change]

    def as_json(self) -> dict[str, Any]:
        return {
            "commit": self.commit.id,
            "author": self.commit.author,
            "date": self.commit.date,
            "subject": self.commit.subject,
            "changes": [change.as_json() for change in self.changes],
        }


@click.command("log")
@options.agent_argument
@options.path_option
@options.environments_option
@click.option("--max-count", "-n", type=click.IntRange(min=1), metavar="N", help="At most so many commits.")
@click.option("--revision", default="HEAD", metavar="REV", help="Begin here.  [default: HEAD]")
@options.format_option("text", "json")
def command(
    agent: str, path: str | None, environments: tuple[str, ...], max_count: int | None, revision: str, form: str
) -> int:
    """List the commits that changed AGENT as resolved, newest first, with what each changed and means.

    A commit that only touched its file counts as little as one that touched another agent's; one that changed a default
    or a profile counts.

    \b
    agentconf log code-assistant
    agentconf log code-assistant -e prod -n 5 --format json
    """
    from agentconf.source.git.repository import locate

    located = locate(chosen_folder(path), os.environ)
    with bulk():
        found = list(islice(_entries(located, agent, revision, environments), max_count))
    if not found:
        _require_agent(located, agent, revision)
    if form == "json":
        from agentconf.report.review.json import text_of

        console.write(text_of([entry.as_json() for entry in found]))
    else:
        console.write("".join(_told(entry) for entry in found) or _nothing(agent))
    return GOOD


def _entries(located: Located, agent: str, revision: str, environments: tuple[str, ...]) -> Iterator[_Entry]:
    from agentconf.diff.story import Story
    from agentconf.diff.work import Order
    from agentconf.source.git.objects import Objects
    from agentconf.source.git.trail import Trail

    head = located.repository.commit_of(revision)
    story = Story(agent, Order(outlook_of_today(), environments))
    with Objects(located.repository) as objects:
        trail = Trail(objects, located, head)
        story.require_environments(trail.newest)
        with console.progress(len(trail), "reading commits", 200) as progress:
            newer = None
            for number, (commit, tree) in enumerate(trail):
                if newer is not None:
                    changes = story.step(tree, newer[1])
                    if changes:
                        yield _Entry(newer[0], changes)
                newer = (commit, tree)
                if progress is not None:
                    progress(number)


def _require_agent(located: Located, agent: str, revision: str) -> None:
    """Raises click's error where the tree has no such agent either: then the name is wrong."""
    from agentconf.source import layout
    from agentconf.source.git.commit_tree import CommitTrees
    from agentconf.source.git.objects import Objects
    from agentconf.suggest import did_you_mean

    with Objects(located.repository) as objects:
        tree = CommitTrees(objects, located).at(located.repository.commit_of(revision)).tree
    places = [layout.place(path) for path in tree.files if layout.is_agent(path)]
    names = [place.name for place in places if isinstance(place, layout.Place)]
    if agent not in names:
        hint = did_you_mean(agent, names) or "see 'agentconf list'"
        raise click.ClickException(f"no commit of this history has an agent '{agent}'; {hint}")


def _told(entry: _Entry) -> str:
    """A line for the commit, and one for each change and what it means."""
    from agentconf.diff.group import grouped
    from agentconf.redact import printable
    from agentconf.report.review.words import place, what

    commit = entry.commit
    head = f"{console.style(commit.id[:12], fg='yellow')} {commit.date[:10]} {commit.author}: {commit.subject}"
    lines = [head]
    for one in grouped(entry.changes):
        where = ", ".join(str(name) for name in one.agents if name is not None)
        told = printable(what(one))
        lines.append(f"    {told}{f' in {where}' if where else ''}  {console.style(place(one), dim=True)}")
        said = [printable(meaning.text) for meaning, _ in one.ordered_meanings()]
        lines += [f"      {text}" for text in said if text not in told]
    return "\n".join([*lines, "", ""])


def _nothing(agent: str) -> str:
    return f"no commit changed '{agent}' as resolved; see 'agentconf list' for the agents\n"
