from __future__ import annotations

import json

from hypothesis import given

from agentconf.report.gitlab import render
from agentconf.validation import Validation
from tests.report.findings import OUTCOMES, UNOWNED, finding, outcome


def test_a_finding_has_what_gitlab_asks_for() -> None:
    (issue,) = json.loads(render(outcome(finding(hint="did you mean 'y'?"))))
    assert len(issue.pop("fingerprint")) == 64
    assert issue == {
        "type": "issue",
        "check_name": "AC102",
        "description": "AC102 unknown key 'x' (did you mean 'y'?)",
        "severity": "major",
        "location": {"path": "agents.d/a.yaml", "lines": {"begin": 3, "end": 3}},
    }


def test_a_warning_is_minor() -> None:
    assert json.loads(render(outcome(finding(rule=UNOWNED))))[0]["severity"] == "minor"


def test_without_findings_the_list_is_empty() -> None:
    assert render(outcome()) == "[]\n"


@given(OUTCOMES)
def test_no_two_findings_of_a_report_are_the_same_to_gitlab(validation: Validation) -> None:
    issues = json.loads(render(validation))
    assert len({issue["fingerprint"] for issue in issues}) == len(validation.diagnostics)
