"""The head under the base's settings and excuses: a change cannot grade itself."""

from __future__ import annotations

from dataclasses import replace

from agentconf.pipeline import Draft


def judged_by(base: Draft, head: Draft) -> Draft:
    """The head's agents, judged by the base's rules and policies; excuses that the head adds do not count."""
    known = {(_name(file), one.names) for file, group in base.config.excuses.items() for one in group}
    kept = {
        file: tuple(one for one in group if (_name(file), one.names) in known)
        for file, group in head.config.excuses.items()
    }
    settings = replace(base.config.settings, default_agent=head.config.settings.default_agent)
    config = replace(head.config, settings=settings, excuses={file: group for file, group in kept.items() if group})
    return replace(head, config=config)


def _name(file: str) -> str:
    return file.rpartition("/")[2]
