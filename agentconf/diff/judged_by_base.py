"""The head under the base's settings and excuses: a change cannot grade itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from agentconf.diff.excused import excused
from agentconf.document.excuses import Excuse
from agentconf.pipeline import Draft


def judged_by(base: Draft, head: Draft) -> Draft:
    """The head's agents, judged by the base's rules, policies and schema; excuses that the head adds do not count.

    An excuse is the same where it stands in the same file and names the same rule: no more of them than the base has.
    """
    known = Counter(said for said, _ in excused(base))
    kept: dict[str, dict[Excuse, None]] = {}
    for said, excuse in excused(head):
        if known[said]:
            known[said] -= 1
            kept.setdefault(excuse.file, {})[excuse] = None
    settings = replace(base.config.settings, default_agent=head.config.settings.default_agent)
    config = replace(
        head.config,
        settings=settings,
        excuses={file: tuple(group) for file, group in kept.items()},
        metadata_schema=base.config.metadata_schema,
    )
    return replace(head, config=config)
