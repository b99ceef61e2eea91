"""Severities by the settings, and comments that excuse a line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from agentconf import load
from agentconf.catalogue.assemble import catalogue_of
from agentconf.catalogue.facts import Facts
from agentconf.catalogue.lock import Lock, written
from agentconf.diagnostic import Diagnostic
from agentconf.errors import InvalidConfig
from agentconf.live.installed import load_litellm
from agentconf.rules.choice import Choice, UnknownRule
from agentconf.rules.outlook import Outlook
from agentconf.source.folder import read_folder
from agentconf.spread import each_forked
from agentconf.validation import Order, validate
from tests.rules.trees import plant

OUTLOOK = Outlook(date(2026, 6, 1), lambda config: catalogue_of(config.models, config.lock, load_litellm))
CALM = {"_settings.yaml": "rules: {undescribed-agent: 'off'}\n"}
AGENT = "owner: a@example.com\nllm: {model: openai/gpt-4.1-mini}\n"


def said(folder: Path, files: dict[str, str], *environments: str, parts: int = 1) -> tuple[Diagnostic, ...]:
    root = plant(folder / "agents.d", {**CALM, **files})
    spread = each_forked if parts > 1 else None
    return validate(read_folder(root), Order(environments, parts, spread, outlook=OUTLOOK)).diagnostics


def names(findings: tuple[Diagnostic, ...]) -> list[tuple[str, str]]:
    return [(finding.rule.name, finding.severity) for finding in findings]


@pytest.mark.parametrize(
    ("setting", "expected"), [("error", "error"), ("warning", "warning"), ("'off'", None), ("off", None)]
)
def test_the_settings_give_a_rule_its_severity(setting: str, expected: str | None, tmp_path: Path) -> None:
    files = {
        "_settings.yaml": f"rules: {{unowned-agent: {setting}, undescribed-agent: off}}\n",
        "a.yaml": "llm: {model: openai/gpt-4.1}\n",
    }
    assert names(said(tmp_path, files)) == ([("unowned-agent", expected)] if expected else [])


def test_a_name_that_no_rule_has_is_told_on_its_line(tmp_path: Path) -> None:
    files = {"_settings.yaml": "rules:\n  undescribed-agent: off\n  unowned-agnt: error\n", "a.yaml": AGENT}
    (finding,) = said(tmp_path, files)
    assert (finding.code, finding.line, finding.hint) == ("AC102", 3, "did you mean 'unowned-agent'?")


@pytest.mark.parametrize("name", ["literal-secret", "undeclared-provider", "own-connection", "unknown-key"])
def test_what_is_unsafe_or_unreadable_cannot_be_switched_off(name: str, tmp_path: Path) -> None:
    files = {"_settings.yaml": f"rules:\n  undescribed-agent: off\n  {name}: off\n", "a.yaml": AGENT}
    (finding,) = said(tmp_path, files)
    assert finding.is_error
    assert (finding.line, f"the rule '{name}' is always an error") == (3, finding.message)


EXCUSED = {
    "on the line": "owner: a@example.com\nllm:\n  model: openai/gpt-none  # agentconf: allow unknown-model -- new\n",
    "above it": "owner: a@example.com\nllm:\n  # agentconf: allow unknown-model -- new\n  model: openai/gpt-none\n",
    "above a comment": (
        "owner: a@example.com\nllm:\n  # agentconf: allow unknown-model -- new\n  # more\n  model: openai/gpt-none\n"
    ),
    "among several": (
        "owner: a@example.com\nllm:\n  model: openai/gpt-none # agentconf: allow retired-model, unknown-model -- new\n"
    ),
    "on a flow": "owner: a@example.com\nllm: {model: openai/gpt-none}  # agentconf: allow unknown-model -- new\n",
}


@pytest.mark.parametrize("text", EXCUSED.values(), ids=EXCUSED)
def test_a_comment_with_a_reason_excuses_its_line(text: str, tmp_path: Path) -> None:
    assert said(tmp_path, {"a.yaml": text}) == ()


def test_an_excuse_without_a_reason_excuses_nothing(tmp_path: Path) -> None:
    text = "owner: a@example.com\nllm: {model: openai/gpt-none}  # agentconf: allow unknown-model\n"
    found = names(said(tmp_path, {"a.yaml": text}))
    assert found == [("unknown-model", "error"), ("excuse-without-reason", "warning")]


IDLE = {
    "nothing there": ("allow unknown-model -- why", "there is nothing to excuse: no unknown-model on its line"),
    "no such rule": ("allow unknown-modle -- why", "there is no rule 'unknown-modle'"),
    "not to be excused": ("allow unknown-key -- why", "the rule 'unknown-key' cannot be excused"),
    "no name": ("allow -- why", "this excuse names no rule"),
}


@pytest.mark.parametrize(("comment", "message"), IDLE.values(), ids=IDLE)
def test_an_excuse_that_excuses_nothing_is_a_finding(comment: str, message: str, tmp_path: Path) -> None:
    (finding,) = said(tmp_path, {"a.yaml": f"{AGENT}# agentconf: {comment}\n"})
    assert (finding.rule.name, finding.severity, finding.message) == ("useless-excuse", "warning", message)


def test_an_excuse_used_in_one_environment_or_one_part_alone_is_not_idle(tmp_path: Path) -> None:
    excused = "llm: {model: openai/gpt-none}  # agentconf: allow unknown-model -- new\n"
    files = {
        "_environments/dev.yaml": f"overrides:\n  {excused}",
        "_environments/prod.yaml": "{}\n",
        **{f"a{number}.yaml": AGENT for number in range(6)},
    }
    assert said(tmp_path, files, parts=3) == ()
    assert said(tmp_path, files, "prod") == ()  # whether it is idle shows in all environments together


def test_what_looks_like_an_excuse_in_a_text_is_text(tmp_path: Path) -> None:
    text = f"{AGENT}instructions: |\n  Write such as\n  # agentconf: allow unknown-model -- why\n  and so on.\n"
    assert said(tmp_path, {"a.yaml": text}) == ()


def test_an_excuse_holds_at_run_time_too(tmp_path: Path) -> None:
    text = f"{AGENT}delegates: [nobody]\n"
    root = plant(tmp_path / "agents.d", {"a.yaml": text})
    with pytest.raises(InvalidConfig):
        load(root)
    plant(root, {"a.yaml": f"{text.strip()}  # agentconf: allow unknown-delegate -- it comes\n"})
    assert load(root)["a"].delegates == ("nobody",)


def test_sense_refuses_nobody_at_run_time_and_is_there_as_advice(tmp_path: Path) -> None:
    lock = {"_models.yaml": "models: {openai/old: {mode: chat, retires: 2020-01-01}}\n"}
    snapshot = load(plant(tmp_path / "agents.d", {**lock, "a.yaml": "llm: {model: openai/old}\n"}))
    assert snapshot.diagnostics == ()
    assert {one.rule.name for one in snapshot.advice} == {"retired-model", "unowned-agent", "undescribed-agent"}
    assert {one.severity for one in snapshot.advice} == {"warning"}


def test_findings_are_chosen_by_code_band_and_name(tmp_path: Path) -> None:
    model = "model: openai/gpt-none"
    files = {"a.yaml": f"llm: {{{model}, temprature: 1}}\n", "b.yaml": f"llm: {{{model}}}\n"}
    found = said(tmp_path, files)
    assert {one.code for one in Choice.of(["ac3"], []).of_findings(found)} == {"AC301"}
    assert {one.code for one in Choice.of(["AC102,unowned-agent"], []).of_findings(found)} == {"AC102", "AC750"}
    assert {one.code for one in Choice.of([], ["AC1", "AC7"]).of_findings(found)} == {"AC301"}


def test_literal_keys_are_always_said(tmp_path: Path) -> None:
    found = said(tmp_path, {"_defaults.yaml": "providers: {openai: {api_key: abc}}\n", "a.yaml": AGENT})
    assert {one.code for one in Choice.of(["AC7"], ["literal-secret"]).of_findings(found)} == {"AC401"}


def test_an_unknown_choice_is_an_error_with_the_nearest_name() -> None:
    with pytest.raises(UnknownRule, match="did you mean 'unknown-model'"):
        Choice.of(["unknown-modle"], [])


@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_what_is_no_line_end_to_the_parser_moves_no_excuse(character: str, tmp_path: Path) -> None:
    text = f"# one{character}line\n{AGENT.replace('gpt-4.1-mini', 'gpt-none')}"
    assert said(tmp_path, {"a.yaml": f"{text.strip()}  # agentconf: allow unknown-model -- new\n"}) == ()


@pytest.mark.parametrize("word", ["ignore", "disable", "allows", "noqa"])
def test_the_word_of_another_program_is_told_to_be_none_of_ours(word: str, tmp_path: Path) -> None:
    text = f"{AGENT.strip().replace('mini', 'none')}  # agentconf: {word} unknown-model -- new\n"
    found = said(tmp_path, {"a.yaml": text})
    assert names(found) == [("unknown-model", "error"), ("useless-excuse", "warning")]
    assert found[1].hint == "write allow NAME -- why, with a name from 'agentconf rules'"


def test_who_writes_a_code_is_told_the_name(tmp_path: Path) -> None:
    hint = "rules are called by their names here: unknown-model"
    (finding,) = said(tmp_path, {"a.yaml": f"{AGENT}# agentconf: allow AC301 -- new\n"})
    assert finding.hint == hint
    settings = {"_settings.yaml": "rules: {AC301: off, undescribed-agent: off}\n"}
    (finding,) = said(tmp_path / "other", {**settings, "a.yaml": AGENT})
    assert (finding.code, finding.hint) == ("AC102", hint)


def test_a_missing_key_is_said_once_where_the_provider_is_declared(tmp_path: Path) -> None:
    files = {
        "_defaults.yaml": "providers:\n  openai: {organization: org}\n",
        "_environments/dev.yaml": "{}\n",
        "_environments/prod.yaml": "{}\n",
        **{f"a{number}.yaml": AGENT for number in range(3)},
    }
    (finding,) = said(tmp_path, files)
    assert (finding.rule.name, Path(finding.file).name, finding.line) == ("missing-api-key", "_defaults.yaml", 2)


def test_a_misspelt_capability_is_said_where_it_is_required(tmp_path: Path) -> None:
    (finding,) = said(tmp_path, {"a.yaml": f"{AGENT}requires: {{capabilities: [tools, vison]}}\n"})
    assert (finding.rule.name, finding.line, finding.column) == ("unknown-capability", 3, 34)
    assert finding.hint == "did you mean 'vision'?"


WEIGHTS = [(60, 60, True), (50, 30, True), (0.5, 0.3, True), (60, 40, False), (3, 1, False), (1, 1, False)]


@pytest.mark.parametrize(("first", "second", "is_odd"), WEIGHTS)
def test_weights_that_look_like_percentages(first: float, second: float, is_odd: bool, tmp_path: Path) -> None:
    text = (
        f"{AGENT}variants: {{a: {{weight: {first}}}, b: {{weight: {second}, llm: {{temperature: 1}}}}}}\n"
        "experiment: {control: a, owner: b, metric: c, ends: 2030-01-01}\n"
    )
    assert names(said(tmp_path, {"a.yaml": text})) == ([("odd-weights", "warning")] if is_odd else [])


def test_a_shared_budget_is_not_idle_because_one_agent_is_free(tmp_path: Path) -> None:
    budget = "limits: {budget: {usd: 5, per: day}}\n"
    files = {
        "_models.yaml": "models: {openai/free: {mode: chat, input_per_million: 0, output_per_million: 0}}\n",
        "_defaults.yaml": budget,
        "a.yaml": AGENT.replace("gpt-4.1-mini", "free"),
    }
    assert said(tmp_path, files) == ()
    own = {**files, "a.yaml": files["a.yaml"] + budget}
    assert names(said(tmp_path / "own", own)) == [("idle-budget", "warning")]


def test_a_file_of_nothing_but_excuses_is_judged_at_once(tmp_path: Path) -> None:
    found = said(tmp_path, {"a.yaml": AGENT + "# agentconf: allow unknown-model -- why\n" * 20_000})
    assert {finding.rule.name for finding in found} == {"useless-excuse", "too-many-findings"}
    assert len(found) == 101


def test_an_excuse_stands_for_the_line_below_all_comments_and_for_none_behind_a_gap(tmp_path: Path) -> None:
    model = "llm:\n  # agentconf: allow unknown-model -- new\n  # more\n{}  model: openai/gpt-none\n"
    assert said(tmp_path, {"a.yaml": f"owner: a\n{model.format('')}"}) == ()
    gap = said(tmp_path / "gap", {"a.yaml": f"owner: a\n{model.format('  # more' + chr(10) + chr(10))}"})
    assert names(gap) == [("useless-excuse", "warning"), ("unknown-model", "error")]


def referring(reference: str) -> dict[str, str]:
    return {"_defaults.yaml": f'providers: {{openai: {{api_key: "{reference}"}}}}\n', "a.yaml": AGENT}


NEVER_READ = ["${file:/etc/passwd}", "${file:/run/secrets/../passwd}", "${env:AGENTCONF_FERNET_KEYS}"]
READ = ["${file:/run/secrets/a}", "${file:/var/run/secrets/a/b}", "${env:OPENAI_API_KEY}"]


@pytest.mark.parametrize("reference", NEVER_READ)
def test_a_reference_that_is_never_read_is_said_to_be(reference: str, tmp_path: Path) -> None:
    (finding,) = said(tmp_path, referring(reference))
    assert (finding.rule.name, finding.severity, "is never read" in finding.message) == (
        "forbidden-reference", "warning", True,
    )  # fmt: skip


@pytest.mark.parametrize("reference", READ)
def test_a_reference_that_is_read_is_fine(reference: str, tmp_path: Path) -> None:
    assert said(tmp_path, referring(reference)) == ()


def test_the_settings_allow_files_elsewhere(tmp_path: Path) -> None:
    settings = {"_settings.yaml": f"{CALM['_settings.yaml']}secrets: {{files: ['/etc/keys/*']}}\n"}
    assert said(tmp_path, {**referring("${file:/etc/keys/a}"), **settings}) == ()
    found = said(tmp_path / "other", {**referring("${file:/run/secrets/a}"), **settings})
    assert names(found) == [("forbidden-reference", "error")]


def successors(**successor_of: str) -> str:
    facts = "mode: chat, retires: 2020-01-01, input_per_million: 1, output_per_million: 1"
    entries = (f"openai/{old}: {{{facts}, successor: {new}}}" for old, new in successor_of.items())
    return f"models: {{{', '.join(entries)}}}\n"


@pytest.mark.parametrize(
    ("models", "replacement", "hint"),
    [
        (successors(a="openai/gpt-4.1"), "openai/gpt-4.1", "use 'openai/gpt-4.1'"),
        (successors(a="openai/b", b="openai/gpt-4.1"), "openai/gpt-4.1", "use 'openai/gpt-4.1'"),
        (successors(a="openai/a"), None, "see 'agentconf models recommend --for a'"),
        (successors(a="openai/b", b="openai/a"), None, "see 'agentconf models recommend --for a'"),
        (successors(a="mistral/mistral-large-2512"), None, "use 'mistral/mistral-large-2512'"),
    ],
)
def test_a_successor_is_written_where_it_stays_and_is_reached(
    models: str, replacement: str | None, hint: str, tmp_path: Path
) -> None:
    agent = AGENT.replace("gpt-4.1-mini", "a")
    (finding,) = said(tmp_path, {**referring("${env:OPENAI_API_KEY}"), "_models.yaml": models, "a.yaml": agent})
    assert (finding.rule.name, finding.replacement, finding.hint) == ("retired-model", replacement, hint)
    assert finding.fixable is (replacement is not None)


def test_what_the_text_of_files_says_is_advice_too(tmp_path: Path) -> None:
    address = "http://gateway.example.net"
    text = f"owner: a@example.com\ndescription: A.\nllm: {{model: ollama/x, api_base: '{address}'}}\n"
    snapshot = load(plant(tmp_path / "agents.d", {"a.yaml": text}))
    assert [one.rule.name for one in snapshot.advice] == ["plain-http"]


def test_with_a_lock_alone_a_name_that_it_lacks_is_wrong(tmp_path: Path) -> None:
    lock = written(Lock("1.0.0", {"openai/gpt-4.1": Facts("openai/gpt-4.1", "lock", "chat")}))
    root = plant(tmp_path / "agents.d", {**CALM, "_models.lock.json": lock, "a.yaml": AGENT})
    outlook = Outlook(OUTLOOK.today, lambda config: catalogue_of(config.models, config.lock))
    (finding,) = validate(read_folder(root), Order(outlook=outlook)).diagnostics
    assert (finding.rule.name, finding.is_error) == ("unknown-model", True)
    assert "agentconf models lock" in str(finding.hint)
