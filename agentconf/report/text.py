"""Findings for people: on a terminal with the line, a caret and colour; else a line each. A summary at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from agentconf.codes import LITERAL_SECRET
from agentconf.diagnostic import Diagnostic
from agentconf.redact import without_keys
from agentconf.report.excerpt import Style, excerpt
from agentconf.validation import Validation


def render(validation: Validation, sources: Mapping[str, bytes] | None = None, style: Style | None = None) -> str:
    """The report. With `sources` (the files by the names that findings use) and a style, as for a terminal."""
    plain: Style = style or _plain
    lines: list[str] = []
    for finding in validation.diagnostics:
        lines.extend(_finding(finding, sources, plain) if sources is not None else [str(finding)])
        lines.extend(f"  {place.file}:{place.line}:{place.column}: {place.message}" for place in finding.related)
    return "\n".join([*lines, summary(validation, plain), ""])


def _plain(text: str, **_: object) -> str:
    return text


def _finding(finding: Diagnostic, sources: Mapping[str, bytes], style: Style) -> Iterator[str]:
    severity = style(finding.severity, fg="red" if finding.is_error else "yellow", bold=True)
    where = style(f"{finding.file}:{finding.line}:{finding.column}:", bold=True)
    context = f" [{finding.environment}]" if finding.environment else ""
    yield f"{where} {severity} {finding.code} {finding.message}{context}"
    if finding.file in sources and finding.rule != LITERAL_SECRET:
        yield from excerpt(sources[finding.file], finding.span, finding.hint, style)
    elif finding.hint:
        yield f"  = {finding.hint}"
    yield ""


def summary(validation: Validation, style: Callable[..., str] = _plain) -> str:
    """One line: how much was checked, and what was found."""
    names = [without_keys(name) for name in validation.environments if name is not None]
    where = f" in {', '.join(names)}" if names else ""
    errors = _count(validation.errors, "error")
    warnings = _count(validation.warnings, "warning")
    said = style(
        f"{errors}, {warnings}", fg="red" if validation.errors else "yellow" if validation.warnings else "green"
    )
    return f"{validation.path}: {_count(validation.files, 'file')}, {_count(validation.agents, 'agent')}{where}: {said}"


def fixable(validation: Validation) -> str:
    """The line that says how much --fix could mend; nothing where it could mend nothing."""
    number = sum(finding.fixable for finding in validation.diagnostics)
    if not number:
        return ""
    which = "it" if len(validation.diagnostics) == 1 else f"{number:,} of them"
    return f"{which} can be fixed with --fix\n"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
