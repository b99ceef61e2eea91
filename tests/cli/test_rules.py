from __future__ import annotations

import pytest

from agentconf import codes
from tests.cli.console import Console, in_a_process, on_a_terminal

EVERY = {rule.code: rule.name for rule in codes.EVERY}


def test_the_table_has_every_rule_below_the_heading_of_its_band(console: Console) -> None:
    outcome = console("rules")
    assert outcome.status == 0
    rows = [line.split()[:2] for line in outcome.out.splitlines() if line.startswith("AC") and line[3:5] != "xx"]
    assert rows == [[code, name] for code, name in sorted(EVERY.items())]
    assert outcome.out.startswith("AC0xx: text and document\nAC001  syntax-error ")
    assert "\n\nAC3xx: models, parameters and providers\nAC301  unknown-model " in outcome.out
    assert "*" not in outcome.out


@pytest.mark.parametrize("word", ["AC301", "ac301", "unknown-model", "Unknown-Model"])
def test_a_page_is_found_by_code_and_by_name(console: Console, word: str) -> None:
    outcome = console("rules", word)
    assert outcome.status == 0
    assert outcome.out.startswith("AC301 unknown-model: Nobody knows the model.\n")
    headings = [line for line in outcome.out.splitlines() if line and line[0] != " "][1:]
    assert headings == ["What", "Why", "Bad", "Good", "Fix", "Severity"]
    assert "      model: openai/gpt-4.1-mimi  # AC301\n" in outcome.out


def test_what_may_be_set_and_excused_is_ready_to_copy(console: Console) -> None:
    out = console("rules", "zero-budget").out
    assert "    rules:\n      zero-budget: error  # or warning, or off\n" in out
    assert "    # agentconf: allow zero-budget -- why\n" in out
    assert "it can be neither set nor excused" in " ".join(console("rules", "literal-secret").out.split())
    assert "in some cases a warning" in console("rules", "no-model").out


def test_what_can_be_copied_is_taken(console: Console) -> None:
    agent = "owner: a\nllm: {model: openai/gpt-4.1-mini}\n"
    console.write("agents.d/a.yaml", f"{agent}name: ''\n")
    assert "AC754" in console("validate").out
    shown = console("rules", "empty-text").out.splitlines()
    settings = shown[shown.index("  In _settings.yaml:") + 1 :][:2]
    console.write("agents.d/_settings.yaml", "\n".join(line[4:] for line in settings) + "\n")
    assert "error AC754" in console("validate").out
    comment = shown[-1].strip()
    console.write("agents.d/a.yaml", f"{agent}{comment}\nname: ''\n")
    outcome = console("validate")
    assert outcome.status == 0
    assert "AC754" not in outcome.out
    assert "AC220" not in outcome.out


def test_what_no_text_can_show_is_said_in_words(console: Console) -> None:
    assert "\nBad\n  A file with `name: Café` that was saved as Latin-1" in console("rules", "AC002").out
    said = console("rules", "AC002", "--format", "json").json
    assert said["bad"] == said["good"] == {}
    assert said["bad_in_words"].startswith("A file")
    assert said["good_in_words"] == "The same file, saved as UTF-8."


def test_an_example_of_several_files_names_them(console: Console) -> None:
    out = console("rules", "unused-profile").out
    assert "  assistant.yaml:\n    owner: support@example.com\n" in out
    assert "  _profiles/careful.yaml:\n    llm: {temperature: 0}  # AC215\n" in out


def test_severities_are_those_of_the_tree_that_is_there(console: Console) -> None:
    console.write("agents.d/_settings.yaml", "rules: {unowned-agent: error, zero-budget: off, syntax-error: off}\n")
    table = console("rules").out
    assert "AC750  unowned-agent               error*    " in table
    assert "AC502  zero-budget                 off*      " in table
    assert "AC001  syntax-error                error     " in table
    assert table.endswith("\n\n* as the settings of this tree say\n")
    assert console("rules", "AC750").out.endswith("\n  The settings of this tree say: error\n")
    by_code = {one["code"]: one for one in console("rules", "--format", "json").json}
    assert by_code.keys() == EVERY.keys()
    assert (by_code["AC750"]["severity"], by_code["AC750"]["set_to"]) == ("warning", "error")
    assert (by_code["AC001"]["severity"], by_code["AC001"]["set_to"]) == ("error", None)


def test_severities_are_those_of_a_tree_that_is_named(console: Console) -> None:
    console.write("other/_settings.yaml", "rules: {unowned-agent: error}\n")
    assert console("rules", "unowned-agent", "--path", "other", "--format", "json").json["set_to"] == "error"
    assert console("rules", "unowned-agent", "--format", "json").json["set_to"] is None
    outcome = console("rules", "--path", "nowhere")
    assert (outcome.status, outcome.out) == (2, "")
    assert "nowhere" in outcome.err


@pytest.mark.parametrize(
    "settings", ["rules: [unowned-agent]\n", "rules: {unowned-agent: loud}\n", "rules:\n\t- x\n", "", "\0"]
)
def test_settings_that_are_wrong_set_nothing(console: Console, settings: str) -> None:
    console.write("agents.d/_settings.yaml", settings)
    outcome = console("rules", "unowned-agent", "--format", "json")
    assert (outcome.status, outcome.json["set_to"]) == (0, None)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("unknown-modle", "did you mean 'unknown-model'?"),
        ("Syntax_Error", "did you mean 'syntax-error'?"),
        ("?", "see 'agentconf rules'"),
    ],
)
def test_a_rule_that_does_not_exist_is_a_line_with_the_nearest(console: Console, word: str, hint: str) -> None:
    outcome = console("rules", word)
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.startswith(f"agentconf: there is no rule '{word}'; {hint}")
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(("words", "expected"), [("rules unknown-mo", ["unknown-model"]), ("rules ac75", None)])
def test_the_shell_completes_codes_and_names(console: Console, words: str, expected: list[str] | None) -> None:
    outcome = in_a_process(
        folder=console.folder, _AGENTCONF_COMPLETE="bash_complete", COMP_WORDS=f"agentconf {words}", COMP_CWORD="2"
    )
    offered = [line.partition(",")[2] for line in outcome.out.splitlines()]
    assert offered == (expected or [code for code in sorted(EVERY) if code.startswith("AC75")])


def test_a_page_is_as_wide_as_the_terminal(console: Console) -> None:
    shown = on_a_terminal("rules", "unowned-experiment", folder=console.folder, COLUMNS="50", NO_COLOR="1").out
    wrapped = [line for line in shown.splitlines() if ": " not in line and "#" not in line]
    assert max(len(line) for line in wrapped) <= 50
    assert len(wrapped) > len(console("rules", "unowned-experiment").out.splitlines()) - 20
    coloured = on_a_terminal("rules", "AC605", folder=console.folder).out
    assert coloured.startswith("\x1b[1mAC605\x1b[0m ")
