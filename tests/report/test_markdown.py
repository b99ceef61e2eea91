from __future__ import annotations

from agentconf.report.markdown import render
from tests.report.findings import UNOWNED, finding, outcome


def test_errors_come_first() -> None:
    assert render(outcome(finding("one", rule=UNOWNED), finding("two"))).splitlines() == [
        "### agentconf",
        "",
        "agents.d: 2 files, 1 agent in dev, prod: 1 error, 1 warning",
        "",
        "| | code | place | finding |",
        "|---|---|---|---|",
        "| error | AC102 | agents.d/a.yaml:3:3 | two |",
        "| warning | AC901 | agents.d/a.yaml:3:3 | one |",
    ]


def test_without_findings_there_is_no_table() -> None:
    assert render(outcome()).splitlines()[2:] == ["agents.d: 2 files, 1 agent in dev, prod: 0 errors, 0 warnings"]


def test_what_a_file_says_is_no_markup() -> None:
    row = render(outcome(finding("'![x](https://a.example/)|<img>`$a$ www.example.com'"))).splitlines()[-1]
    assert row.count("|") == 5
    assert not any(mark in row for mark in ("](", "<img", "`", "$", "://", "www."))


def test_a_long_list_is_cut_and_says_so() -> None:
    lines = render(outcome(*[finding(f"number {number}") for number in range(150)])).splitlines()
    assert lines[-1] == "and 50 more"
    assert len(lines) == 6 + 100 + 2
