from __future__ import annotations

import os
from pathlib import Path

import pytest

import agentconf
from agentconf.errors import AgentNotFound, InvalidConfig, SourceUnavailable, UnknownEnvironment
from agentconf.live.load import load
from agentconf.live.machine import machine_layers
from agentconf.secrets.allowed import Allowed, allowed_by
from tests.support import REPOSITORY

AGENT = "llm: {model: openai/gpt-4.1}\n"


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the machine that runs the tests takes part."""
    for name in os.environ:
        if name.startswith("AGENTCONF_"):
            monkeypatch.delenv(name)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "agents.d"
    made.mkdir()
    write(made, {"a.yaml": AGENT})
    monkeypatch.chdir(tmp_path)
    return made


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


BROKEN = {"b.yaml": AGENT + "temprature: 1\n"}


def test_this_repositorys_own_agents_load_in_every_environment() -> None:
    for environment in ("dev", "staging", "prod"):
        snapshot = load(REPOSITORY / "agents.d", environment=environment)
        assert snapshot["code-assistant"].environment == environment
        assert not [finding for finding in snapshot.diagnostics if finding.is_error]


# -- which folder, which environment


def test_a_path_a_string_a_variable_or_agents_d_name_the_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(root)["a"] == load("agents.d")["a"] == load()["a"]
    (root.parent / "elsewhere").mkdir()
    monkeypatch.setenv("AGENTCONF_DIR", "elsewhere")
    assert list(load()) == []
    assert list(load(root)) == ["a"]
    assert agentconf.load is load


def test_a_missing_folder_is_an_error_of_the_operating_system(root: Path) -> None:
    with pytest.raises(SourceUnavailable) as raised:
        load(root / "nowhere")
    assert isinstance(raised.value, OSError)
    assert isinstance(raised.value, agentconf.AgentconfError)


def test_the_argument_wins_over_the_variable_for_the_environment_too(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        root,
        {
            "_environments/dev.yaml": "overrides: {owner: dev}\n",
            "_environments/prod.yaml": "overrides: {owner: prod}\n",
        },
    )
    assert load()["a"].owner is None
    monkeypatch.setenv("AGENTCONF_ENVIRONMENT", "dev")
    assert load()["a"].owner == "dev"
    assert load(environment="prod")["a"].owner == "prod"
    monkeypatch.setenv("AGENTCONF_ENVIRONMENT", "")
    assert load()["a"].owner is None


def test_an_environment_that_the_tree_does_not_have_is_an_error(root: Path) -> None:
    write(root, {"_environments/prod.yaml": "{}\n"})
    with pytest.raises(UnknownEnvironment, match=r"no environment 'prdo': did you mean 'prod'\?"):
        load(environment="prdo")
    with pytest.raises(ValueError, match="it has prod"):
        load(environment="x")


# -- mistakes


def test_every_finding_is_in_the_error(root: Path) -> None:
    write(root, {**BROKEN, "c.yaml": "llm: [\n", "d.yaml": "{}\n"})
    with pytest.raises(InvalidConfig) as raised:
        load()
    assert sorted(finding.code for finding in raised.value.diagnostics) == ["AC001", "AC102", "AC311"]
    text = str(raised.value)
    assert text.startswith("the configuration has 2 errors:\n  agents.d/b.yaml:2:1: error AC102")
    assert "AC311" not in text


def test_a_tree_with_many_mistakes_shows_the_first_five(root: Path) -> None:
    write(root, {f"b{number}.yaml": AGENT + "x: 1\n" for number in range(8)})
    with pytest.raises(InvalidConfig, match="the configuration has 8 errors:") as raised:
        load()
    assert str(raised.value).endswith("and 3 more")
    assert len(raised.value.diagnostics) == 8


def test_what_a_shared_file_breaks_is_told_by_that_file(root: Path) -> None:
    write(root, {"a.yaml": AGENT, "_defaults.yaml": ""})
    with pytest.raises(AgentNotFound, match=r"the agent 'a' is not served, since it has errors: .*_defaults\.yaml:1:1"):
        load(strict=False)["a"]


def test_leniently_the_valid_agents_are_served_and_the_rest_is_told(root: Path) -> None:
    write(root, {**BROKEN, "_settings.yaml": "default_agent: a\n"})
    snapshot = load(strict=False)
    assert list(snapshot) == ["a"]
    assert [finding.code for finding in snapshot.diagnostics] == ["AC102"]
    for ask in (snapshot.__getitem__, snapshot.resolve):
        with pytest.raises(
            AgentNotFound, match=r"the agent 'b' is not served, since it has errors: agents\.d/b\.yaml:2:1"
        ):
            ask("b")
    with pytest.raises(AgentNotFound):
        snapshot.explain("b", "llm.model")
    with pytest.raises(InvalidConfig):
        snapshot.require_valid()


@pytest.mark.parametrize(
    "files",
    [
        {"_settings.yaml": "secrets: {env: ['*']}\nrules: ["},
        {"_settings.yaml": "secrets: {env: ['*']}\n", "_settings.yml": "secrets: {env: ['*']}\n"},
    ],
)
def test_where_the_settings_are_not_known_references_may_name_nothing(root: Path, files: dict[str, str]) -> None:
    write(root, files)
    snapshot = load(strict=False)
    assert list(snapshot) == ["a"]
    assert allowed_by(snapshot.settings) == Allowed((), ())


def test_a_mistake_in_a_shared_layer_takes_down_those_who_use_it_and_nobody_else(root: Path) -> None:
    write(root, {
        "_profiles/broken.yaml": "llm: {temprature: 1}\n",
        "b.yaml": AGENT + "extends: broken\n",
        "team/_defaults.yaml": "llm: {top_p: 9}\n",
        "team/c.yaml": AGENT,
    })  # fmt: skip
    snapshot = load(strict=False)
    assert list(snapshot) == ["a"]
    assert sorted(finding.code for finding in snapshot.diagnostics) == ["AC102", "AC104"]


def test_a_mistake_in_one_environment_does_not_reach_the_others(root: Path) -> None:
    write(root, {
        "_environments/dev.yaml": "overrides: {llm: {temprature: 1}}\n",
        "_environments/prod.yaml": "{}\n",
        "b.yaml": AGENT + "environments: {prod: {llm: {top_p: 9}}}\n",
    })  # fmt: skip
    assert list(load(strict=False, environment="dev")) == []
    assert list(load(strict=False, environment="prod")) == ["a"]
    assert sorted(load(strict=False)) == ["a", "b"]


def test_a_warning_refuses_nobody(root: Path) -> None:
    write(root, {"b.yaml": "{}\n"})
    snapshot = load()
    assert [finding.code for finding in snapshot.diagnostics] == ["AC311"]
    assert snapshot["b"].llm.model == "ollama/mistral:7b-instruct"


# -- the machine's layers


def test_an_empty_tree_still_answers(root: Path) -> None:
    (root / "a.yaml").unlink()
    assert load().resolve("anyone").llm.model == "ollama/mistral:7b-instruct"


def test_variables_of_the_process_lie_above_built_in_and_below_the_tree(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, {"b.yaml": "llm: {temperature: 0}\n"})
    monkeypatch.setenv("AGENTCONF_LLM_MODEL", "openai/gpt-4.1-mini")
    monkeypatch.setenv("AGENTCONF_LLM_API_KEY", "sk-the-key-itself-0123456789")
    monkeypatch.setenv("AGENTCONF_LLM_TEMPERATURE", "0.7")
    snapshot = load()
    llm = snapshot["b"].llm
    assert (llm.model, llm.temperature, str(llm.api_key)) == ("openai/gpt-4.1-mini", 0, "${env:AGENTCONF_LLM_API_KEY}")
    assert llm.api_base is None
    assert "the-key-itself" not in repr(snapshot["b"])
    layers = [layer.layer for layer in snapshot.explain("b", "llm.temperature").layers]
    assert layers == ["process", "agent"]


def test_the_machine_does_not_reach_the_digest(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, {"b.yaml": "{}\n"})
    before = load().digest
    monkeypatch.setenv("AGENTCONF_LLM_MODEL", "openai/gpt-4.1-mini")
    assert load().digest == before


def test_where_the_tree_declares_providers_the_machine_takes_no_part(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, {"_defaults.yaml": "providers: {openai: {}}\n"})
    monkeypatch.setenv("AGENTCONF_LLM_TEMPERATURE", "0.7")
    assert load()["a"].llm.temperature is None


MALFORMED = {
    "AGENTCONF_LLM_MODEL": "house-chat",
    "AGENTCONF_LLM_API_BASE": "localhost:11434",
    "AGENTCONF_LLM_TEMPERATURE": "warm",
    "AGENTCONF_LLM_MAX_TOKENS": "1.5",
    "AGENTCONF_LLM_TIMEOUT": "soon",
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("value", [None, "0x", "nan", "-1", "9" * 5000])
def test_a_malformed_variable_is_named_and_not_repeated(name: str, value: str | None) -> None:
    text = value or MALFORMED[name]
    with pytest.raises(ValueError, match=name) as raised:
        machine_layers({name: text})
    assert text not in str(raised.value).removeprefix(name)
    assert len(str(raised.value)) < 200


def test_an_empty_variable_is_none_at_all() -> None:
    assert [layer.name for layer in machine_layers(dict.fromkeys(MALFORMED, ""))] == ["built-in"]
