"""SARIF 2.1.0: what code scanning and many editors read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from agentconf.diagnostic import START, Diagnostic, Related, Rule, Span
from agentconf.report.fingerprint import fingerprints
from agentconf.report.manual import Help, Remedy
from agentconf.report.sentence import sentence
from agentconf.validation import Validation

RESULTS_LIMIT: Final = 25_000
"""Code scanning refuses a file with more; of these it shows 5,000."""

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT: Final = "%SRCROOT%"


def render(
    validation: Validation,
    version: str,
    help_of: Callable[[Rule], Help],
    remedies: Sequence[Remedy | None] | None = None,
) -> str:
    """The report. `version` is agentconf's own, `help_of` reads the manual, `remedies` has one for each finding."""
    findings = validation.diagnostics
    order = _kept(findings)
    kept = [findings[place] for place in order]
    rules = {finding.code: finding.rule for finding in sorted(kept, key=lambda finding: finding.code)}
    places = {code: place for place, code in enumerate(rules)}
    driver = {"name": "agentconf", "semanticVersion": version, "rules": [_rule(one, help_of) for one in rules.values()]}
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(len(findings) - len(kept))],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
    }
    marks = fingerprints(kept)
    results = [_result(finding, places[finding.code], mark) for finding, mark in zip(kept, marks, strict=True)]
    for place, finding, result in zip(order, kept, results, strict=True):
        remedy = remedies[place] if remedies else None
        if remedy is not None:
            result["fixes"] = [_fix(finding, remedy)]
    return _text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run | {"results": []}]}, results)


def _kept(findings: Sequence[Diagnostic]) -> list[int]:
    """The places of those that are reported: all of them in their order, unless they are too many."""
    places = list(range(len(findings)))
    if len(places) <= RESULTS_LIMIT:
        return places
    return sorted(places, key=lambda place: not findings[place].is_error)[:RESULTS_LIMIT]


def _text(log: dict[str, Any], results: list[dict[str, Any]]) -> str:
    """The log with the results in their place, a line each: indenting them takes four times as long."""
    before, _, after = json.dumps(log, indent=1, ensure_ascii=False).rpartition('"results": []')
    lines = ",\n".join(json.dumps(result, ensure_ascii=False) for result in results)
    return f'{before}"results": [\n{lines}\n]{after}\n'


def _rule(rule: Rule, help_of: Callable[[Rule], Help]) -> dict[str, Any]:
    said = help_of(rule)
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": said.short},
        "fullDescription": {"text": said.full},
        "help": {"text": said.text, "markdown": said.markdown},
        "defaultConfiguration": {"level": said.severity},
        "properties": {"tags": [rule.name], "problem.severity": said.severity},
    }


def _invocation(left_out: int) -> dict[str, Any]:
    """Findings are no failure of the program that found them."""
    if not left_out:
        return {"executionSuccessful": True}
    text = f"{left_out:,} findings are left out, since services refuse more than {RESULTS_LIMIT:,}; errors come first."
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [{"level": "warning", "message": {"text": text}}],
    }


def _result(finding: Diagnostic, rule_index: int, fingerprint: str) -> dict[str, Any]:
    about = {"agent": finding.agent, "environment": finding.environment, "key": finding.key}
    made: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": finding.severity,
        "message": {"text": _unlinked(sentence(finding))},
        "locations": [{"physicalLocation": _place(finding.file, _region_of(finding))}],
        "partialFingerprints": {"agentconf/v1": fingerprint},
        "properties": {name: value for name, value in about.items() if value is not None},
    }
    return made | ({"relatedLocations": _related(finding.related)} if finding.related else {})


def _fix(finding: Diagnostic, remedy: Remedy) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(remedy.span), "insertedContent": {"text": remedy.text}}
    change = {"artifactLocation": _file(finding.file), "replacements": [replacement]}
    return {"description": {"text": _unlinked(remedy.said)}, "artifactChanges": [change]}


def _related(places: Sequence[Related]) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "message": {"text": _unlinked(place.message)},
            "physicalLocation": _place(place.file, {"startLine": place.line, "startColumn": place.column}),
        }
        for number, place in enumerate(places, 1)
    ]


def _place(file: str, region: Mapping[str, int]) -> dict[str, Any]:
    return {"artifactLocation": _file(file), "region": dict(region)}


def _file(file: str) -> dict[str, str]:
    """A path is one of the repository, unless it begins at the root of the disk."""
    return {"uri": f"file://{quote(file)}"} if file.startswith("/") else {"uri": quote(file), "uriBaseId": _ROOT}


def _region_of(finding: Diagnostic) -> dict[str, int]:
    return {"startLine": 1} if finding.span == START else _region(finding.span)


def _region(span: Span) -> dict[str, int]:
    line, column, end_line, end_column = span
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _unlinked(text: str) -> str:
    """SARIF reads `[text](address)` as a link, and a file could put one in its keys.

    Braces stay as they are: the standard would have them doubled, and readers that undo that are not known to us.
    """
    return text.replace("](", "\\](")
