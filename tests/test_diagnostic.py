from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agentconf import codes
from agentconf.diagnostic import START, Diagnostic, Related, Rule, Span, in_order, joined

FINDING = Diagnostic(
    codes.UNKNOWN_KEY, "unknown key 'a'", "agents.d/a.yaml", Span(2, 3, 2, 4), "llm.a", hint="delete it"
)


def test_it_reads_as_a_line() -> None:
    assert str(FINDING) == "agents.d/a.yaml:2:3: error AC102 unknown key 'a' (delete it)"
    assert str(replace(FINDING, hint=None)) == "agents.d/a.yaml:2:3: error AC102 unknown key 'a'"


def test_its_json_is_the_promised_one() -> None:
    finding = replace(FINDING, agent="a", environment="prod", related=(Related("the other", "b.yaml", 1, 1),))
    assert json.loads(json.dumps(finding.as_json())) == {
        "code": "AC102",
        "rule": "unknown-key",
        "severity": "error",
        "message": "unknown key 'a'",
        "file": "agents.d/a.yaml",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 4,
        "key": "llm.a",
        "agent": "a",
        "environment": "prod",
        "hint": "delete it",
        "fixable": False,
        "related": [{"message": "the other", "file": "b.yaml", "line": 1, "column": 1}],
    }


def test_findings_are_sorted_as_a_reader_meets_them_and_said_once() -> None:
    second = replace(FINDING, span=Span(10, 1, 10, 2))
    other_file = replace(FINDING, file="agents.d/b.yaml", span=START)
    assert in_order([other_file, second, FINDING, second]) == (FINDING, second, other_file)


def in_environments(*names: str | None, agent: str = "a") -> list[Diagnostic]:
    return [replace(FINDING, environment=name, agent=agent) for name in names]


def test_what_holds_in_every_environment_is_said_without_naming_one() -> None:
    assert joined(in_environments("dev", "prod"), ["dev", "prod"]) == (replace(FINDING, agent="a"),)


def test_what_holds_in_some_environments_names_each() -> None:
    names = [finding.environment for finding in joined(in_environments("dev", "prod"), ["dev", "staging", "prod"])]
    assert names == ["dev", "prod"]


def test_what_holds_for_several_agents_names_none() -> None:
    findings = [*in_environments("prod"), *in_environments("prod", agent="b")]
    assert [finding.agent for finding in joined(findings, ["prod"])] == [None]


def test_what_was_found_before_an_environment_was_chosen_holds_in_all() -> None:
    assert joined(in_environments(None, "prod"), ["dev", "prod"]) == (replace(FINDING, agent="a"),)


def test_what_looks_like_a_key_is_hidden_wherever_it_came_from() -> None:
    secret = "sk-abcdef0123456789"
    finding = Diagnostic(
        codes.UNKNOWN_KEY, f"unknown key '{secret}'", "a.yaml", key=f"llm.{secret}", hint=f"not {secret}"
    )
    assert secret not in f"{finding!s}{finding!r}{finding.as_json()}"


@pytest.mark.parametrize("rule", codes.EVERY, ids=lambda rule: rule.code + rule.severity)
def test_codes_and_names_of_rules_are_well_formed(rule: Rule) -> None:
    assert rule.code.startswith("AC")
    assert rule.code[2:].isdecimal()
    assert rule.name == rule.name.lower().replace("_", "-").replace(" ", "-")


def test_no_two_rules_share_a_code_or_a_name() -> None:
    names = {rule.code: rule.name for rule in codes.EVERY}
    assert len(set(names.values())) == len(names)
    assert all(names[rule.code] == rule.name for rule in codes.EVERY)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J\x1b[31m",
        "x\nagents.d/a.yaml:1:1: error AC999 forged",
        "\n::warning::x",
        "\x9b31m",
        "a\u2028b\u2029",
        "\u202e",
        "\udc80",
    ],
)
def test_what_acts_on_a_terminal_or_a_log_is_escaped(text: str) -> None:
    finding = Diagnostic(codes.UNKNOWN_KEY, text, text, key=text, hint=text, related=(Related(text, text, 1, 1),))
    for said in (
        str(finding),
        finding.message,
        finding.file,
        str(finding.key),
        finding.related[0].message,
        finding.related[0].file,
    ):
        assert said.isprintable()
        assert said.encode()


def test_ordinary_unicode_stays() -> None:
    text = "unknown key 'température' 日本語 👩\u200d💻"
    assert Diagnostic(codes.UNKNOWN_KEY, text, "agents.d/ü.yaml").message == text


def test_a_path_stays_whole() -> None:
    file = "agents.d/sk-abcdef0123456789/a.yaml"
    assert Diagnostic(codes.UNKNOWN_KEY, "m", file, related=(Related("m", file, 1, 1),)).file == file
