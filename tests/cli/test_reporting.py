from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from agentconf.cli.reporting import FORMS
from tests.cli.console import Console

TYPO = "llm:\n  model: openai/gpt-4.1\n  temprature: 0.2\n"
ANNOTATION = "::error file=agents.d/a.yaml,line=3,col=3,endLine=3,endColumn=13,title=AC102 unknown-key::"


@pytest.fixture
def mistaken(repository: Console) -> Console:
    repository.write("agents.d/a.yaml", TYPO)
    return repository


@pytest.fixture
def in_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")


def test_in_github_actions_findings_are_annotations_unless_a_form_is_asked_for(
    mistaken: Console, in_actions: None
) -> None:
    outcome = mistaken("validate")
    assert outcome.status == 1
    assert outcome.out.startswith(ANNOTATION)
    assert mistaken("validate", "--format", "text").out.startswith("agents.d/a.yaml:3:3: error AC102")


def test_in_github_actions_a_file_gets_the_text_as_anywhere(mistaken: Console, in_actions: None) -> None:
    assert mistaken("validate", "--output", "found.txt").status == 1
    assert (mistaken.folder / "found.txt").read_text().startswith("agents.d/a.yaml:3:3: error AC102")


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_services_get_names_of_files_from_the_root_of_the_repository(
    mistaken: Console, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(mistaken.folder.parent))
    name = f"{mistaken.folder.name}/agents.d/a.yaml"
    assert f"file={name}," in mistaken("validate", "--format", "github").out
    assert mistaken("validate", "--format", "gitlab").json[0]["location"]["path"] == name
    results = mistaken("validate", "--format", "sarif").json["runs"][0]["results"]
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == name
    failed = fromstring(mistaken("validate", "--format", "junit").out).findall(".//testcase[failure]")
    assert [case.get("name") for case in failed] == [name]
    assert mistaken("validate", "--format", "concise").out.startswith("agents.d/a.yaml:")


def test_junit_has_every_file_that_was_read_once(mistaken: Console) -> None:
    cases = fromstring(mistaken("validate", "--format", "junit").out).findall(".//testcase")
    files = {path.relative_to(mistaken.folder).as_posix() for path in mistaken.folder.glob("agents.d/**/*.yaml")}
    assert sorted(str(case.get("name")) for case in cases) == sorted(files)


def test_warnings_fail_a_junit_test_under_strict(console: Console) -> None:
    console.write("agents.d/a.yaml", "name: no model")
    assert "<failure" not in console("validate", "--format", "junit").out
    assert "<failure" in console("validate", "--format", "junit", "--strict").out


@pytest.mark.parametrize("form", FORMS)
def test_a_second_run_says_the_same_in_every_form(mistaken: Console, form: str) -> None:
    first = mistaken("validate", "--format", form, "--no-cache")
    assert mistaken("validate", "--format", form).out == first.out
    assert mistaken("validate", "--format", form).out == first.out


@pytest.mark.parametrize("form", FORMS)
def test_no_form_repeats_a_secret(repository: Console, form: str) -> None:
    repository.write("agents.d/a.yaml", "llm: {model: openai/gpt-4.1, api_key: plainlyasecretvalue}\n")
    repository.write("agents.d/b.yaml", "sk-ant-abcdef0123456789: 1\n")
    outcome = repository("validate", "--format", form)
    assert outcome.status == 1
    assert "AC401" in outcome.out
    assert "plainlyasecret" not in outcome.out
    assert "abcdef0123456789" not in outcome.out


@pytest.mark.parametrize("form", FORMS)
def test_a_clean_tree_is_a_report_too(repository: Console, form: str) -> None:
    outcome = repository("validate", "--format", form, "--output", f"report.{form}")
    assert (outcome.status, outcome.out) == (0, "")
    assert outcome.err == "agents.d: 7 files, 2 agents in dev, prod: 0 errors, 0 warnings\n"
    report = Path(f"report.{form}").read_text()
    if form in {"json", "gitlab", "sarif"}:
        json.loads(report)


def test_sarif_carries_the_manual_of_what_was_found(mistaken: Console) -> None:
    rules = mistaken("validate", "--format", "sarif").json["runs"][0]["tool"]["driver"]["rules"]
    rule = next(rule for rule in rules if rule["id"] == "AC102")
    page = mistaken("rules", "AC102", "--format", "json").json
    assert rule["shortDescription"]["text"] == page["title"]
    assert rule["fullDescription"]["text"] == page["what"]
    assert "**Fix:** " in rule["help"]["markdown"]
    assert rule["defaultConfiguration"]["level"] == "error"


def test_a_severity_of_the_settings_is_that_of_the_result_not_of_the_rule(repository: Console) -> None:
    settings = repository.folder / "agents.d" / "_settings.yaml"
    settings.write_text(f"{settings.read_text()}rules: {{unused-profile: error}}\n")
    repository.write("agents.d/_profiles/idle.yaml", "llm: {temperature: 1}\n")
    run = repository("validate", "--format", "sarif").json["runs"][0]
    (result,) = [one for one in run["results"] if "idle" in one["message"]["text"]]
    assert result["level"] == "error"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["defaultConfiguration"]["level"] == "warning"


def test_sarif_has_what_fix_would_write(mistaken: Console) -> None:
    [result] = mistaken("validate", "--format", "sarif").json["runs"][0]["results"]
    [change] = result["fixes"][0]["artifactChanges"]
    [replacement] = change["replacements"]
    assert result["fixes"][0]["description"]["text"] == "renamed to 'temperature'"
    assert change["artifactLocation"]["uri"] == "agents.d/a.yaml"
    assert replacement["deletedRegion"] == {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 13}
    assert replacement["insertedContent"]["text"] == "temperature"
