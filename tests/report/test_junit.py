from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

from hypothesis import given

from agentconf.report.junit import render
from agentconf.validation import Validation
from tests.report.findings import OUTCOMES, UNOWNED, finding, outcome

FILES = ("agents.d/_defaults.yaml", "agents.d/a.yaml")


def suite_of(validation: Validation, *, is_strict: bool = False) -> Element:
    suites = fromstring(render(validation, FILES, is_strict))
    assert suites.tag == "testsuites"
    (suite,) = suites
    assert suites.get("failures") == suite.get("failures") == str(len(suite.findall("testcase/failure")))
    assert suites.get("tests") == suite.get("tests") == str(len(suite))
    return suite


def test_each_file_is_a_test_and_its_errors_are_why_it_failed() -> None:
    good, bad = suite_of(outcome(finding("first"), finding("second")))
    assert (good.get("name"), list(good)) == ("agents.d/_defaults.yaml", [])
    (failure,) = bad
    assert (bad.get("name"), bad.get("file")) == ("agents.d/a.yaml", "agents.d/a.yaml")
    assert failure.get("message") == "AC102 first (and 1 more)"
    assert failure.text == "agents.d/a.yaml:3:3: error AC102 first\nagents.d/a.yaml:3:3: error AC102 second"


def test_a_warning_stands_in_the_output_and_fails_where_warnings_count() -> None:
    validation = outcome(finding(rule=UNOWNED))
    assert [child.tag for child in suite_of(validation)[1]] == ["system-out"]
    (failure,) = suite_of(validation, is_strict=True)[1]
    assert (failure.tag, failure.get("type")) == ("failure", "warning")


def test_a_file_that_was_not_read_is_a_test_too() -> None:
    assert [case.get("name") for case in suite_of(outcome(finding(file="agents.d/gone.md")))][2] == "agents.d/gone.md"


def test_what_xml_cannot_hold_is_escaped() -> None:
    failure = suite_of(outcome(finding("\ufffe]]>&<\uffff\U0001f600")))[1][0]
    assert failure.get("message") == "AC102 \\ufffe]]>&<\\uffff\U0001f600"


@given(OUTCOMES)
def test_it_is_always_xml(validation: Validation) -> None:
    names = {case.get("name") for case in suite_of(validation)}
    assert len(names) == len({*FILES, *(one.file for one in validation.diagnostics)})
