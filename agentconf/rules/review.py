"""What is said of a whole tree under review, beside what is said of each agent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from agentconf.config.inspect import Inspected, with_place
from agentconf.config.lineage import extended
from agentconf.config.prompts import named
from agentconf.config.tree import ConfigTree
from agentconf.diagnostic import Diagnostic, Related
from agentconf.document.excuses import Excuse
from agentconf.rules.engine import Sense
from agentconf.rules.leniency import Leniency, idle_excuses, policy_ids, wrong_severities
from agentconf.rules.outlook import Outlook
from agentconf.rules.seen import Seen, Whole


@dataclass(slots=True)
class Remarks:
    """What the text of files gives: findings, what was seen of all agents, which excuses there are and were used."""

    findings: list[Diagnostic] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    excuses: set[Excuse] = field(default_factory=set)
    used: set[Excuse] = field(default_factory=set)

    def join(self, other: Remarks) -> None:
        """Add what another part of the tree gives, but for its findings."""
        self.seen.join(other.seen)
        self.excuses |= other.excuses
        self.used |= other.used


def remarked(config: ConfigTree, documents: Iterable[Inspected], outlook: Outlook) -> Remarks:
    """What is said of the text of each file."""
    remarks = Remarks()
    for one, findings, used in texts_remarked(config, documents, outlook):
        remarks.findings += findings
        remarks.excuses.update(one.excuses)
        remarks.used |= used
    for agent in config.agents.values():
        remarks.seen.note_profiles(extended(agent.document.value), config)
    return remarks


def texts_remarked(
    config: ConfigTree, documents: Iterable[Inspected], outlook: Outlook
) -> Iterator[tuple[Inspected, list[Diagnostic], set[Excuse]]]:
    """Each file with what is said of its text, and the excuses that were used for it."""
    leniency = Leniency(config)
    sense = Sense(config, outlook, leniency.off)
    for one in documents:
        used = leniency.used = set()
        found = [with_place(finding, one.place) for finding in sense.document(one.document, one.place)]
        said = leniency.weighed(found) if found else []
        if one.prompts:
            said += _in_prompts(sense, leniency, one)
        yield one, said, used


def _in_prompts(sense: Sense, leniency: Leniency, one: Inspected) -> Iterator[Diagnostic]:
    """What is said of the prompts that a file names. It may be excused where the file is named; many may name it."""
    document = one.document
    root = document.file.removesuffix(document.path)
    for path, file, target in named(document):
        for finding in sense.prompt(f"{root}{target}", one.prompts.get(file, "").encode()):
            span = document.value_span(path)
            place = Related("the file is named here", document.file, span.line, span.column)
            said = leniency.weighed([with_place(replace(finding, related=(place,)), one.place)])
            yield from (replace(each, related=()) for each in said)


def concluded(whole: Whole, remarks: Remarks, *, is_complete: bool) -> Iterator[Diagnostic]:
    """What only shows when all agents were seen. Whether an excuse is idle shows in all environments together."""
    leniency = Leniency(whole.config)
    sense = Sense(whole.config, whole.knowledge.outlook, leniency.off)
    yield from leniency.weighed(sense.tree(whole))
    yield from leniency.weighed(wrong_severities(whole.config))
    if is_complete:
        used = remarks.used | leniency.used
        yield from leniency.weighed(idle_excuses(remarks.excuses, used, leniency.off, policy_ids(whole.config)))
