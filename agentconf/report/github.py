"""Annotations of GitHub Actions: the text report, each finding a command that the runner shows beside its line.

The message repeats the place, since the runner prints the message alone into the log.
"""

from __future__ import annotations

from typing import Final

from agentconf.diagnostic import START, Diagnostic
from agentconf.report.sentence import sentence
from agentconf.report.text import summary
from agentconf.validation import Validation

_IN_MESSAGES: Final = {ord(character): f"%{ord(character):02X}" for character in "%\r\n"}
_IN_PROPERTIES: Final = {ord(character): f"%{ord(character):02X}" for character in "%\r\n:,"}


def render(validation: Validation) -> str:
    return "\n".join([*map(_command, validation.diagnostics), summary(validation), ""])


def _command(finding: Diagnostic) -> str:
    properties = {"file": finding.file, **_place(finding), "title": f"{finding.code} {finding.rule.name}"}
    written = ",".join(f"{name}={str(value).translate(_IN_PROPERTIES)}" for name, value in properties.items())
    lines = [f"{finding.file}:{finding.line}:{finding.column}: {finding.code} {sentence(finding)}"]
    lines += [f"  {place.file}:{place.line}:{place.column}: {place.message}" for place in finding.related]
    message = "\n".join(lines).translate(_IN_MESSAGES)
    return f"::{finding.severity} {written}::{message}"


def _place(finding: Diagnostic) -> dict[str, int]:
    """The runner refuses columns where a place has several lines; a whole file is marked at its first."""
    line, column, end_line, end_column = finding.span
    if finding.span == START:
        return {"line": 1}
    if line != end_line:
        return {"line": line, "endLine": end_line}
    return {"line": line, "col": column, "endLine": line, "endColumn": end_column}
