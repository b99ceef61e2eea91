"""A file that is wrong in a thousand places is an accident: the first findings are said, and that there are more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from agentconf.diagnostic import Diagnostic
from agentconf.document.parse import FAULTS_LIMIT, too_many


def capped(findings: Iterator[Diagnostic], file: str) -> Iterator[Diagnostic]:
    """At most FAULTS_LIMIT of some findings, made one by one, since the place of each is searched for in the text."""
    last = None
    for last in islice(findings, FAULTS_LIMIT):
        yield last
    if last is not None and next(findings, None) is not None:
        yield replace(too_many(file), agent=last.agent)
