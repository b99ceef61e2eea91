from __future__ import annotations

from hypothesis import given

from agentconf.diagnostic import START, Related, Span
from agentconf.report.github import render
from agentconf.validation import Validation
from tests.report.findings import OUTCOMES, UNOWNED, finding, outcome


def read(line: str) -> tuple[str, dict[str, str], str]:
    """What the runner makes of a line: the command, its properties and its message."""
    _, head, message = line.split("::", 2)
    command, _, rest = head.partition(" ")
    pairs = [pair.split("=", 1) for pair in rest.split(",")]
    return command, {name: _unescaped(value) for name, value in pairs}, _unescaped(message)


def _unescaped(text: str) -> str:
    for code, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_a_finding_is_an_annotation_and_a_line_of_the_log() -> None:
    assert render(outcome(finding(hint="did you mean 'y'?", environment="prod"))).splitlines() == [
        (
            "::error file=agents.d/a.yaml,line=3,col=3,endLine=3,endColumn=13,title=AC102 unknown-key::"
            "agents.d/a.yaml:3:3: AC102 unknown key 'x' (did you mean 'y'?) [prod]"
        ),
        "agents.d: 2 files, 1 agent in dev, prod: 1 error, 0 warnings",
    ]


def test_a_warning_is_one() -> None:
    assert render(outcome(finding(rule=UNOWNED))).startswith("::warning file=")


def test_a_place_of_several_lines_has_no_columns_and_a_whole_file_is_marked_at_its_first() -> None:
    assert "line=3,endLine=5,title" in render(outcome(finding(span=Span(3, 3, 5, 1))))
    assert ",line=1,title" in render(outcome(finding(span=START)))


def test_related_places_follow_in_the_message() -> None:
    line = render(outcome(finding(related=(Related("the other one", "agents.d/b.yaml", 7, 1),)))).splitlines()[0]
    assert read(line)[2].splitlines()[1] == "  agents.d/b.yaml:7:1: the other one"


def test_what_separates_is_escaped() -> None:
    line = render(outcome(finding("100% of 'a,b:c'", file="agents.d/a,b:c%.yaml"))).splitlines()[0]
    assert "file=agents.d/a%2Cb%3Ac%25.yaml," in line
    assert line.endswith("::agents.d/a,b:c%25.yaml:3:3: AC102 100%25 of 'a,b:c'")


@given(OUTCOMES)
def test_each_finding_is_one_command_and_nothing_else_is(validation: Validation) -> None:
    *lines, summary = render(validation).splitlines()
    assert summary.startswith("agents.d: ")
    assert len(lines) == len(validation.diagnostics)
    for line, one in zip(lines, validation.diagnostics, strict=True):
        command, properties, message = read(line)
        assert (command, properties["file"], properties["line"]) == (one.severity, one.file, str(one.line))
        assert one.message in message
