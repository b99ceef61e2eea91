"""JUnit's XML, which nearly every CI service shows: each file is a test, and its errors are why it failed.

A file keeps its name from run to run, so that services can tell what began to fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from agentconf.diagnostic import Diagnostic
from agentconf.report.sentence import sentence
from agentconf.validation import Validation

# What XML 1.0 cannot hold, not even escaped.
_NO_CHARACTER_OF_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(validation: Validation, files: Iterable[str] = (), is_strict: bool = False) -> str:
    """The report. `files` are those that were read, as findings name them; those without a finding have passed.

    Where warnings count as errors, they fail their file too; else they stand in its output.
    """
    found: dict[str, list[Diagnostic]] = {file: [] for file in files}
    for finding in validation.diagnostics:
        found.setdefault(finding.file, []).append(finding)
    suites = Element("testsuites", name="agentconf")
    suite = SubElement(suites, "testsuite", name=_text(f"agentconf validate {validation.path}"))
    failed = 0
    for file, findings in found.items():
        fatal = [finding for finding in findings if is_strict or finding.is_error]
        others = [finding for finding in findings if not (is_strict or finding.is_error)]
        failed += bool(fatal)
        _case(SubElement(suite, "testcase", classname="agentconf", name=_text(file), file=_text(file)), fatal, others)
    for element in (suites, suite):
        for name, count in {"tests": len(found), "failures": failed, "errors": 0}.items():
            element.set(name, str(count))
    suite.set("skipped", "0")
    indent(suites)
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{tostring(suites, encoding='unicode')}\n"


def _case(case: Element, fatal: list[Diagnostic], others: list[Diagnostic]) -> None:
    if fatal:
        more = f" (and {len(fatal) - 1} more)" if len(fatal) > 1 else ""
        failure = SubElement(case, "failure", type=fatal[0].severity, message=_text(f"{_said(fatal[0])}{more}"))
        failure.text = _text("\n".join(map(_line, fatal)))
    if others:
        SubElement(case, "system-out").text = _text("\n".join(map(_line, others)))


def _line(finding: Diagnostic) -> str:
    return f"{finding.file}:{finding.line}:{finding.column}: {finding.severity} {_said(finding)}"


def _said(finding: Diagnostic) -> str:
    return f"{finding.code} {sentence(finding)}"


def _text(text: str) -> str:
    return _NO_CHARACTER_OF_XML.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
