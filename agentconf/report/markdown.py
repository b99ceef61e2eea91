"""A table in Markdown, for the summary of a job or a comment on a change."""

from __future__ import annotations

import re
from typing import Final

from agentconf.diagnostic import Diagnostic
from agentconf.report.sentence import sentence
from agentconf.report.text import summary
from agentconf.validation import Validation

_ROWS_LIMIT: Final = 100
"""More is read nowhere, and services cut what is long: GitHub at 1 MiB a step."""

_ACTING: Final = re.compile(r"[\\`*\[\]<>|~&$]|:(?=//)|(?<=www)\.")
"""What begins a link, an image, markup, a formula or another cell."""


def render(validation: Validation) -> str:
    """The summary, and a table of the findings, errors first. What a file says makes no link and no image."""
    lines = ["### agentconf", "", _plain(summary(validation)), ""]
    findings = sorted(validation.diagnostics, key=lambda finding: not finding.is_error)
    if findings:
        lines += ["| | code | place | finding |", "|---|---|---|---|", *map(_row, findings[:_ROWS_LIMIT]), ""]
    if len(findings) > _ROWS_LIMIT:
        lines += [f"and {len(findings) - _ROWS_LIMIT:,} more", ""]
    return "\n".join(lines)


def _row(finding: Diagnostic) -> str:
    place = f"{finding.file}:{finding.line}:{finding.column}"
    return f"| {finding.severity} | {finding.code} | {_plain(place)} | {_plain(sentence(finding))} |"


def _plain(text: str) -> str:
    return _ACTING.sub(lambda match: f"&#{ord(match[0])};", text)
