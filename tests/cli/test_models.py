from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.catalogue.lock import Lock, read_lock, written
from agentconf.live import installed
from tests.cli.console import Console, in_a_process, on_a_terminal

OWN = """
models:
  local/house:
    mode: chat
    max_input_tokens: 8000
    input_per_million: 0
    output_per_million: 0
    capabilities: [tools]
    retires: {retires}
"""


@pytest.fixture
def house(console: Console) -> Console:
    """A user with a tree of two agents, and a model of their own."""
    console.write("agents.d/_defaults.yaml", "providers:\n  openai: {}\n  local: {type: openai, api_base: 'http://127.0.0.1:1/v1'}\n"
                  "  azure-eu: {type: azure, api_base: 'https://x.example', region: eu}\n")  # fmt: skip
    console.write("agents.d/_environments/dev.yaml", "overrides: {llm: {model: local/house, fallbacks: []}}\n")
    console.write("agents.d/_environments/prod.yaml", "{}\n")
    console.write("agents.d/_models.yaml", OWN.format(retires=datetime.now(UTC).date() + timedelta(days=10)))
    console.write("agents.d/one.yaml", "llm: {model: openai/gpt-4.1, fallbacks: [{model: azure-eu/gpt-4.1-mini}]}\n"
                  "requires: {capabilities: [tools, vision], min_context_tokens: 100000}\n")  # fmt: skip
    console.write("agents.d/two.yaml", "llm: {model: openai/gpt-4.1}\n")
    return console


@pytest.fixture
def without_litellm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "_PACKAGE", "no_such_package_here")


def test_list_shows_the_models_in_use(house: Console) -> None:
    rows = {row["model"]: row for row in house("models", "list", "--format", "json").json}
    assert list(rows) == ["azure-eu/gpt-4.1-mini", "local/house", "openai/gpt-4.1"]
    assert rows["openai/gpt-4.1"]["agents"] == {"one": ["prod"], "two": ["prod"]}
    assert rows["openai/gpt-4.1"]["facts"]["output_per_million"] == 8
    assert rows["local/house"]["facts"]["source"] == "models"
    assert (rows["local/house"]["facts"]["input_per_million"], rows["local/house"]["facts"]["days_left"]) == (0, 10)
    assert rows["local/house"]["facts"]["max_output_tokens"] is None


def test_the_table_says_what_is_unknown(house: Console) -> None:
    lines = house("models", "list", "-e", "dev").out.splitlines()
    assert lines[0].split() == "model agents context output in $/M out $/M retires from".split()
    assert re.fullmatch(
        r"local/house +2 +8,000 +\? +0\.00 +0\.00 +20\d\d-\d\d-\d\d \(in 10 days\) +_models\.yaml", lines[1]
    )
    assert len(lines) == 2


def test_prices_stand_under_each_other(house: Console) -> None:
    out = house("models", "list", "--all", "--provider", "openai", "--mode", "chat").out.splitlines()
    start, end = out[0].index("in $/M") - 6, out[0].index("in $/M") + 6
    points = {line.index(".", start) for line in out[1:] if "." in line[start:end]}
    assert len(points) == 1


def test_all_can_be_filtered(house: Console) -> None:
    rows = house("models", "list", "--all", "--provider", "mistral", "--capability", "vision", "-f", "json").json
    assert rows
    assert all(row["model"].startswith("mistral/") and row["facts"]["capabilities"]["vision"] for row in rows)
    azure = house("models", "list", "--all", "--provider", "azure-eu", "-f", "json").json
    assert "azure/gpt-4.1" in {row["model"] for row in azure}
    assert house("models", "list", "--all", "--capability", "no-such").out == "no models\n"


def test_agents_with_errors_are_counted(house: Console) -> None:
    house.write("agents.d/three.yaml", "llm: 5\n")
    outcome = house("models", "list")
    assert outcome.status == 1
    assert outcome.err == "1 agent has errors, and counts for nothing; see 'agentconf validate'\n"


def test_show_says_what_is_known_and_who_uses_it(house: Console) -> None:
    said = house("models", "show", "azure-eu/gpt-4.1-mini", "--format", "json").json
    assert (said["model"], said["agents"]) == ("azure-eu/gpt-4.1-mini", {"one": ["prod"]})
    assert said["facts"]["name"] == "azure/gpt-4.1-mini"
    text = house("models", "show", "local/house").out
    for line in ("price in      free", "output        unknown", "cannot        anything else", "  two in dev"):
        assert line in text


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("openai/gpt4.1-mini", "openai/gpt-4.1-mini"),
        ("azure-eu/gpt-4.1-mni", "azure-eu/gpt-4.1-mini"),
        ("gpt-4.1", "openai/gpt-4.1"),
    ],
)
def test_a_model_that_nobody_knows_has_neighbours(house: Console, model: str, hint: str) -> None:
    for command in (("show", model), ("compare", model, "openai/gpt-4.1")):
        outcome = house("models", *command)
        assert (outcome.status, outcome.out) == (2, "")
        assert outcome.err.startswith(f"agentconf: nothing is known of '{model}'; did you mean")
        assert hint in outcome.err


def test_models_side_by_side(house: Console) -> None:
    said = house("models", "compare", "openai/gpt-4.1", "openai/gpt-4.1-mini", "-f", "json").json
    rows = {row["key"]: row for row in said["rows"]}
    assert rows["input_per_million"] == {
        "key": "input_per_million", "values": [2.0, 0.4], "differs": True, "change_percent": -80.0,
    }  # fmt: skip
    assert said["models"][0]["facts"]["max_output_tokens"] == 32768
    out = house("models", "compare", "openai/gpt-4.1", "local/house", "--differences").out
    assert "mode" not in out
    assert re.search(r"vision +yes +no\n", out)
    assert house("models", "compare", "local/house", "local/house", "--differences").out == "no difference\n"
    assert house("models", "compare", "openai/gpt-4.1").status == 2


def test_recommend_by_what_is_asked_for(house: Console) -> None:
    said = house("models", "recommend", "--capability", "vision", "--max-price", "1", "--limit", "0", "-f", "json").json
    assert said["for"] is None
    assert {model["model"].partition("/")[0] for model in said["models"]} == {"openai", "azure-eu"}
    for model in said["models"]:
        assert model["facts"]["capabilities"]["vision"] is True
        assert model["blended_per_million"] <= 1
        assert model["facts"]["days_left"] is None or model["facts"]["days_left"] > 0
    assert [model["blended_per_million"] for model in said["models"]] == sorted(
        model["blended_per_million"] for model in said["models"]
    )
    assert "openai/gpt-4.1-mini" in {model["model"] for model in said["models"]}


def test_recommend_of_any_provider_and_in_a_region(house: Console) -> None:
    others = house("models", "recommend", "--any-provider", "--provider", "mistral", "-f", "json").json["models"]
    assert {model["model"].partition("/")[0] for model in others} == {"mistral"}
    european = house("models", "recommend", "--region", "eu", "--limit", "0", "-f", "json").json
    assert {model["model"].partition("/")[0] for model in european["models"]} == {"azure-eu"}
    assert european["unknown"] > 0


def test_recommend_for_an_agent(house: Console) -> None:
    said = house("models", "recommend", "--for", "one", "-e", "prod", "--limit", "0", "-f", "json").json
    assert (said["for"]["agent"], said["for"]["model"]) == ("one", "openai/gpt-4.1")
    found = {model["model"]: model for model in said["models"]}
    assert "openai/gpt-4.1" not in found
    assert "local/house" not in found, "it cannot see, and its context is too small"
    mini = found["openai/gpt-4.1-mini"]
    assert (mini["saving_percent"], mini["saving_per_million"]) == (80, 2.8)
    assert (mini["cheaper"], mini["larger"]) == (True, False)
    for model in said["models"]:
        assert model["cheaper"] or model["larger"]
        assert model["facts"]["max_input_tokens"] >= 100_000
    cheaper = house("models", "recommend", "--for", "one", "-e", "prod", "--cheaper").out
    assert "openai/gpt-4.1 (now)" in cheaper
    assert "saving" in cheaper.splitlines()[0]


def test_recommend_larger_models_alone(house: Console) -> None:
    said = house("models", "recommend", "--for", "two", "-e", "prod", "--larger", "-f", "json").json
    assert all(model["facts"]["max_input_tokens"] > 1047576 for model in said["models"])
    assert house("models", "recommend", "--larger").status == 2


def test_recommend_where_the_price_now_is_unknown(house: Console) -> None:
    house.write("agents.d/three.yaml", "llm: {model: local/nothing}\n")
    outcome = house("models", "recommend", "--for", "three", "-e", "prod")
    assert (outcome.status, outcome.out) == (0, "no model that fits is known\n")
    assert "the price of local/nothing is unknown, so nothing is cheaper" in outcome.err


def test_recommend_for_an_agent_that_is_not_there_or_has_errors(house: Console) -> None:
    missing = house("models", "recommend", "--for", "noe")
    assert missing.err == "agentconf: there is no agent 'noe'; did you mean 'one'?\n"
    house.write("agents.d/three.yaml", "llm: 5\n")
    outcome = house("models", "recommend", "--for", "three")
    assert (outcome.status, outcome.out) == (1, "")
    assert "AC101" in outcome.err


def test_without_a_tree_the_catalogue_can_be_asked(console: Console) -> None:
    assert console("models", "show", "openai/gpt-4.1").status == 0
    assert console("models", "recommend", "--capability", "vision").status == 0
    assert console("models", "list", "--all", "--provider", "mistral").status == 0
    assert console("models", "list").status == 2
    assert console("models", "show", "openai/gpt-4.1", "--path", "nowhere").status == 2


@pytest.mark.usefixtures("without_litellm")
def test_without_litellm_each_command_says_how_to_get_it(house: Console) -> None:
    for command in (["show", "openai/gpt-4.1"], ["lock"], ["lock", "--check"], ["update"]):
        outcome = house("models", *command)
        assert (outcome.status, outcome.out) == (2, "")
        assert "pip install litellm" in outcome.err
    listed = house("models", "list", "--format", "json")
    assert {row["model"]: row["facts"] for row in listed.json}["openai/gpt-4.1"] is None
    assert "pip install litellm" in listed.err


@pytest.mark.usefixtures("without_litellm")
def test_with_a_lock_litellm_is_not_needed(house: Console) -> None:
    lock = Lock("1.106.2", {"openai/gpt-4.1": Facts("openai/gpt-4.1", "lock", mode="chat", input_per_million=9)})
    house.write("agents.d/_models.lock.json", written(lock))
    assert house("models", "show", "openai/gpt-4.1", "-f", "json").json["facts"]["input_per_million"] == 9


def test_nothing_acts_on_a_terminal(house: Console) -> None:
    acting = "local/\u202ehouse\x1b[31m"
    lock = Lock("1", {acting: Facts(acting, "lock", mode="chat"), "openai/gpt-4.1": Facts("x", "lock", mode="a")})
    house.write("agents.d/_models.lock.json", written(lock))
    for command in (["list", "--all"], ["recommend", "--any-provider", "--limit", "0"]):
        out = house("models", *command).out
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_locking_checking_and_updating(house: Console) -> None:
    folder = house.folder
    missing = house("models", "lock", "--check")
    assert (missing.status, missing.err) == (1, "")
    assert "there was no lock" in missing.out
    first = house("models", "lock", "--format", "json")
    assert (first.status, first.err) == (0, "")
    assert first.json["written"] is True
    assert first.json["models"] == ["azure-eu/gpt-4.1-mini", "local/house", "openai/gpt-4.1"]
    file = folder / "agents.d" / "_models.lock.json"
    lock = read_lock(file.read_bytes())
    assert (lock.litellm, lock.digest) == ("1.106.2", first.json["digest"])
    assert "seed" in (lock.models["local/house"].parameters or ())
    assert "local/house" in lock.models
    assert house("models", "lock", "--check").status == 0
    assert "AC320" not in house("validate").out

    moved = json.loads(written(lock))["models"]
    moved["openai/gpt-4.1"]["input_per_million"] = 2.5
    moved["openai/gone"] = moved.pop("azure-eu/gpt-4.1-mini")
    file.write_text(_sealed(moved), encoding="utf-8")
    shown = house("models", "update")
    assert shown.status == 0
    assert "openai/gpt-4.1: used by one, two\n  input_per_million  2.5 -> 2.0 (-20%)\n" in shown.out
    assert "azure-eu/gpt-4.1-mini: new; used by one\nopenai/gone: no longer in use\n" in shown.out
    assert shown.err == "nothing was written; write it with --write\n"
    assert read_lock(file.read_bytes()).models["openai/gpt-4.1"].input_per_million == 2.5
    done = house("models", "update", "--write", "--format", "json").json
    assert done["changes"] == [
        {"model": "openai/gpt-4.1", "agents": ["one", "two"], "key": "input_per_million", "old": 2.5, "new": 2.0}
    ]
    assert (done["written"], done["agents"]) == (True, ["one", "two"])
    assert read_lock(file.read_bytes()) == lock


def test_a_broken_lock_is_a_finding_and_is_replaced(house: Console) -> None:
    house.write("agents.d/_models.lock.json", "<<<<<<< ours\n")
    assert "AC320 the lock cannot be used: it is not JSON (run agentconf models lock)" in house("validate").out
    assert house("models", "show", "openai/gpt-4.1", "-f", "json").json["facts"]["source"] == "litellm"
    done = house("models", "lock")
    assert "(the lock cannot be used)" in done.out
    assert "AC320" not in house("validate").out


def test_nothing_is_locked_while_agents_have_errors_and_the_unknown_is_named(house: Console) -> None:
    house.write("agents.d/three.yaml", "llm: {model: openai/gpt-none}\n")
    done = house("models", "lock")
    assert done.status == 0
    assert done.err == "openai/gpt-none (three) stays unknown: neither LiteLLM nor _models.yaml has it\n"
    house.write("agents.d/four.yaml", "llm: 5\n")
    refused = house("models", "lock")
    assert (refused.status, refused.out) == (1, "")
    assert "these have errors, see 'agentconf validate': four" in refused.err


def test_a_terminal_without_anybody_at_it_is_not_asked(house: Console) -> None:
    shown = on_a_terminal("models", "update", folder=house.folder)
    assert shown.status == 0
    assert "nothing was written; write it with --write" in shown.out


def test_names_are_completed(house: Console, litellm_file: LiteLLMFile) -> None:
    def completed(words: str, number: int) -> list[str]:
        done = in_a_process(
            folder=house.folder, COMP_WORDS=words, COMP_CWORD=str(number), _AGENTCONF_COMPLETE="bash_complete"
        )
        return [line.partition(",")[2] for line in done.out.splitlines()]

    assert "mistral/" in completed("agentconf models show mis", 3)
    assert "openai/gpt-4.1-mini" in completed("agentconf models show openai/gpt-4.1-m", 3)
    assert completed("agentconf models recommend --for o", 4) == ["one"]
    assert "recommend" in completed("agentconf models re", 2)


@pytest.fixture
def litellm_file() -> LiteLLMFile:
    loaded = installed.load_litellm()
    assert loaded is not None
    return loaded


def test_the_group_alone_says_what_there_is(console: Console) -> None:
    outcome = console("models")
    assert (outcome.status, outcome.out) == (2, "")
    assert "recommend" in outcome.err
    assert console("models", "recomend").err == "agentconf: there is no command 'recomend'; did you mean 'recommend'?\n"


def _sealed(models: dict[str, object]) -> str:
    from agentconf.catalogue.lock import digest_of

    return json.dumps({"format": 1, "litellm": "1.0", "digest": digest_of(models), "models": models})


@pytest.mark.parametrize("command", ["list", "recommend"])
def test_a_misspelt_capability_is_told_from_one_that_no_model_has(house: Console, command: str) -> None:
    said = house("models", command, "--capability", "vison")
    assert (said.status, "did you mean 'vision'?" in said.err) == (2, True)
    assert house("models", command, "--capability", "telepathy").status == 0
