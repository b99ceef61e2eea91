from __future__ import annotations

from agentconf.diagnostic import Span
from agentconf.report.fingerprint import fingerprints
from tests.report.findings import finding


def test_a_line_inserted_above_changes_no_fingerprint() -> None:
    assert fingerprints([finding(span=Span(3, 3, 3, 13))]) == fingerprints([finding(span=Span(4, 3, 4, 13))])


def test_the_same_said_twice_is_told_apart_and_keeps_its_order() -> None:
    first, second = fingerprints([finding(), finding(span=Span(9, 1, 9, 2))])
    assert first != second
    assert fingerprints([finding(span=Span(5, 1, 5, 2))]) == [first]


def test_another_file_key_or_environment_is_another_finding() -> None:
    others = [finding(), finding(file="agents.d/b.yaml"), finding(key="llm.x"), finding(environment="prod")]
    assert len(set(fingerprints(others))) == len(others)
