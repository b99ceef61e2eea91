from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import unquote

from hypothesis import given

from agentconf.diagnostic import START, Related, Rule, Span
from agentconf.report.manual import Help, Remedy
from agentconf.report.sarif import RESULTS_LIMIT, render
from agentconf.validation import Validation
from tests.report.findings import OUTCOMES, UNOWNED, finding, outcome


def run_of(validation: Validation) -> dict[str, Any]:
    log = json.loads(render(validation, "1.2.3", _help))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def _help(rule: Rule) -> Help:
    return Help(f"{rule.name} in short.", f"More about {rule.name}.", "all of it", f"# {rule.name}", "warning")


def test_a_rule_carries_its_manual() -> None:
    driver = run_of(outcome(finding(rule=UNOWNED), finding()))["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("agentconf", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["AC102", "AC901"]
    assert driver["rules"][1] == {
        "id": "AC901",
        "name": "UnownedAgent",
        "shortDescription": {"text": "unowned-agent in short."},
        "fullDescription": {"text": "More about unowned-agent."},
        "help": {"text": "all of it", "markdown": "# unowned-agent"},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["unowned-agent"], "problem.severity": "warning"},
    }


def test_a_result_says_where_and_what() -> None:
    one = finding(hint="did you mean 'y'?", key="llm.x", agent="a", environment="prod")
    (result,) = run_of(outcome(one))["results"]
    assert len(result.pop("partialFingerprints")["agentconf/v1"]) == 64
    assert result == {
        "ruleId": "AC102",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "unknown key 'x' (did you mean 'y'?) [prod]"},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": "agents.d/a.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 13},
            },
        }],
        "properties": {"agent": "a", "environment": "prod", "key": "llm.x"},
    }  # fmt: skip


def test_a_second_place_is_related_and_a_whole_file_has_its_first_line() -> None:
    related = (Related("the other one", "agents.d/b.yaml", 7, 1),)
    (result,) = run_of(outcome(finding(span=START, related=related)))["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    (place,) = result["relatedLocations"]
    assert (place["id"], place["message"]) == (1, {"text": "the other one"})
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "agents.d/b.yaml"


def test_paths_are_percent_encoded_and_those_of_the_disk_stand_alone() -> None:
    results = run_of(outcome(finding(file="agents.d/ä b#1.yaml"), finding(file="/srv/agents.d/a.yaml")))["results"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in results]
    assert places == [
        {"uri": "agents.d/%C3%A4%20b%231.yaml", "uriBaseId": "%SRCROOT%"},
        {"uri": "file:///srv/agents.d/a.yaml"},
    ]


def test_findings_are_no_failure_of_the_program() -> None:
    assert run_of(outcome(finding()))["invocations"] == [{"executionSuccessful": True}]


def test_a_file_puts_no_link_into_a_message() -> None:
    (result,) = run_of(outcome(finding("unknown key '[click](https://example.com)'")))["results"]
    assert "](" not in result["message"]["text"].replace("\\](", "")


def test_a_finding_that_can_be_mended_carries_its_fix() -> None:
    remedy = Remedy("renamed to 'temperature'", Span(3, 3, 3, 13), "temperature")
    validation = outcome(finding("first"), finding("second"))
    first, second = json.loads(render(validation, "1.2.3", _help, [None, remedy]))["runs"][0]["results"]
    assert "fixes" not in first
    (fix,) = second["fixes"]
    assert fix["description"] == {"text": "renamed to 'temperature'"}
    (change,) = fix["artifactChanges"]
    assert change == {
        "artifactLocation": {"uri": "agents.d/a.yaml", "uriBaseId": "%SRCROOT%"},
        "replacements": [{
            "deletedRegion": {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 13},
            "insertedContent": {"text": "temperature"},
        }],
    }  # fmt: skip


def test_what_is_too_much_for_services_is_cut_errors_first_and_said() -> None:
    warnings = [finding(f"number {number}", rule=UNOWNED) for number in range(RESULTS_LIMIT)]
    text = render(outcome(*warnings, finding("last", file="agents.d/z.yaml")), "1.2.3", _help)
    assert len(gzip.compress(text.encode())) < 10_000_000
    (run,) = json.loads(text)["runs"]
    assert len(run["results"]) == RESULTS_LIMIT
    assert run["results"][0]["message"]["text"] == "last"
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("1 findings are left out")


@given(OUTCOMES)
def test_every_result_leads_to_its_rule_and_its_file(validation: Validation) -> None:
    run = run_of(validation)
    assert run["columnKind"] == "unicodeCodePoints"
    for result, one in zip(run["results"], validation.diagnostics, strict=True):
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == one.code
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri.isascii()
        assert unquote(uri) == one.file
