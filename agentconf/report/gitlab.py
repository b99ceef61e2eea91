"""The code quality report of GitLab, which its merge requests show beside the lines."""

from __future__ import annotations

import json
from typing import Any, Final

from agentconf.diagnostic import Diagnostic
from agentconf.report.fingerprint import fingerprints
from agentconf.report.sentence import sentence
from agentconf.validation import Validation

_SEVERITIES: Final = {"error": "major", "warning": "minor"}


def render(validation: Validation) -> str:
    findings = validation.diagnostics
    issues = [_issue(finding, mark) for finding, mark in zip(findings, fingerprints(findings), strict=True)]
    lines = [json.dumps(issue, ensure_ascii=False) for issue in issues]  # a line each: indenting takes far longer
    return "[\n{}\n]\n".format(",\n".join(lines)) if lines else "[]\n"


def _issue(finding: Diagnostic, fingerprint: str) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": finding.code,
        "description": f"{finding.code} {sentence(finding)}",
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": fingerprint,
        "location": {"path": finding.file, "lines": {"begin": finding.line, "end": finding.span.end_line}},
    }
