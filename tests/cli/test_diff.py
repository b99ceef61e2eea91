"""`agentconf diff` in real git repositories and on folders."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.console import Console, in_a_process
from tests.source.git.repositories import AGENT, ENVIRONMENT, Repo, git

MODELS = """\
models:
  openai/gpt-4.1: {mode: chat, max_input_tokens: 100000, input_per_million: 1, output_per_million: 4}
  openai/dear: {mode: chat, max_input_tokens: 100000, input_per_million: 5, output_per_million: 20}
"""
DEAR = "llm: {model: openai/dear}\n"
NOTHING = "nothing changes for any resolved agent\n"
HEADING = "agent,model,calls,input_tokens,output_tokens"


@pytest.fixture
def repo(console: Console, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """One commit on main with the agent `a`; the current folder is the repository."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, ENVIRONMENT[name])
    made = Repo(console.folder)
    made.commit("First", {"agents.d/a.yaml": AGENT, "agents.d/_models.yaml": MODELS})
    return made


def test_the_working_tree_is_compared_with_where_it_parts_from_main(console: Console, repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("Dear", {"agents.d/a.yaml": DEAR})
    repo.write({"agents.d/a.yaml": f"{DEAR}name: A\n"})
    repo.git("branch", "-f", "main", "main")
    outcome = console("diff")
    assert outcome.status == 0
    assert "agents.d/a.yaml:1  llm.model: openai/gpt-4.1 to openai/dear" in outcome.out
    assert "agents.d/a.yaml:2  name: (not set) to A" in outcome.out
    base = repo.git("rev-parse", "main")[:12]
    assert outcome.err == f"compared with {base}, where HEAD parts from the default branch\n"
    assert console("diff", "main").err == ""


def test_the_default_branch_of_the_remote_comes_before_a_local_one(
    console: Console, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "clone", "-q", repo.folder.as_uri(), "clone")
    clone = Repo(tmp_path / "clone")
    clone.commit("Dear", {"agents.d/a.yaml": DEAR})
    monkeypatch.chdir(clone.folder)
    assert "openai/dear" in console("diff").out


def test_two_dots_compare_ends_and_three_dots_where_they_part(console: Console, repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("B", {"agents.d/b.yaml": AGENT})
    repo.git("checkout", "-q", "main")
    repo.commit("Dear", {"agents.d/a.yaml": DEAR})
    two, three = console("diff", "main..topic").out, console("diff", "main...topic").out
    assert "b is new" in two
    assert "openai/dear to openai/gpt-4.1" in two
    assert "b is new" in three
    assert "openai/dear" not in three
    assert console("diff", "topic..").out == console("diff", "topic..main").out


def test_a_merge_is_compared_with_either_parent(console: Console, repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("B", {"agents.d/b.yaml": AGENT})
    repo.git("checkout", "-q", "main")
    repo.commit("Dear", {"agents.d/a.yaml": DEAR})
    repo.git("merge", "-q", "--no-ff", "--no-gpg-sign", "-m", "Merge", "topic")
    assert "b is new" in console("diff", "HEAD^1..HEAD").out
    assert "openai/gpt-4.1 to openai/dear" in console("diff", "HEAD^2..HEAD").out
    assert console("diff", "topic...main").out == console("diff", "topic..main").out


def test_what_is_compared_is_named_with_its_commit(console: Console, repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    second = repo.commit("Dear", {"agents.d/a.yaml": DEAR})
    said = console("diff", "HEAD~..HEAD", "--format", "json").json
    assert (said["base"], said["head"]) == (f"HEAD~ ({first[:12]})", f"HEAD ({second[:12]})")
    assert console("diff", "HEAD", "--format", "json").json["head"] == "the working tree"


@pytest.mark.parametrize("name", ["with space.yaml", "quo\"te'.yaml", "ümlaut.yaml", "new\nline.yaml"])
def test_names_of_files_are_data(console: Console, repo: Repo, name: str) -> None:
    repo.commit("Profile", {f"agents.d/_profiles/{name}": "llm: {temperature: 1}\n"})
    outcome = console("diff", "HEAD~..HEAD", "--format", "json")
    assert outcome.status == 0
    assert outcome.json["agents_changed"] == 0
    assert "\n" not in "".join(one["file"] for one in outcome.json["head_diagnostics"])


def test_a_prompt_in_a_folder_with_a_space(console: Console, repo: Repo) -> None:
    repo.commit(
        "Prompt", {"agents.d/a.yaml": AGENT + "instructions_file: a prompt/ü.md\n", "agents.d/a prompt/ü.md": "A"}
    )
    repo.commit("Another", {"agents.d/a prompt/ü.md": "B"})
    change = console("diff", "HEAD~..HEAD", "--format", "json").json["changes"][0]
    assert change["key"] == "instructions"
    assert change["cause"] == {"file": "agents.d/a prompt/ü.md", "line": 1}


def test_other_line_ends_change_nothing(console: Console, repo: Repo) -> None:
    repo.commit("CRLF", {"agents.d/a.yaml": AGENT.replace("\n", "\r\n")})
    assert console("diff", "HEAD~..HEAD").out == NOTHING


def test_a_bare_repository(console: Console, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit("Dear", {"agents.d/a.yaml": DEAR})
    git(tmp_path, "clone", "-q", "--bare", repo.folder.as_uri(), "bare.git")
    monkeypatch.chdir(tmp_path / "bare.git")
    assert "openai/dear" in console("diff", "HEAD~..HEAD").out
    outcome = console("diff", "HEAD~")
    assert outcome.status == 2
    assert outcome.err == ("agentconf: a bare repository has no files to compare with; name both sides, as in A..B\n")


def test_a_linked_work_tree(console: Console, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    (tmp_path / "linked" / "agents.d" / "a.yaml").write_text(DEAR)
    monkeypatch.chdir(tmp_path / "linked")
    assert "openai/dear" in console("diff").out
    monkeypatch.chdir(repo.folder)
    assert console("diff").out == NOTHING


def test_a_folder_that_is_a_submodule(
    console: Console, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = Repo(tmp_path / "outer")
    outer.git("submodule", "add", "-q", repo.folder.as_uri(), "configs")
    outer.commit("Configs")
    monkeypatch.chdir(outer.folder)
    Repo(outer.folder / "configs").commit("Dear", {"agents.d/a.yaml": DEAR})
    assert "openai/dear" in console("diff", "HEAD~..HEAD", "--path", "configs/agents.d").out


def test_a_tree_that_the_base_does_not_have_yet_is_all_new(console: Console, repo: Repo) -> None:
    repo.commit("Team", {"team.d/b.yaml": AGENT})
    outcome = console("diff", "HEAD~..HEAD", "--path", "team.d")
    assert outcome.status == 0
    assert "b is new" in outcome.out
    assert "there is no folder 'team.d' in commit" in outcome.err
    assert console("diff", "HEAD~..HEAD", "--path", "nowhere.d").status == 2


# -- what is refused, each with the way out


def test_no_repository(console: Console) -> None:
    console.write("agents.d/a.yaml", AGENT)
    outcome = console("diff")
    assert outcome.status == 2
    assert outcome.err == (
        "agentconf: this is no git repository; run the command in a clone, or name two folders instead\n"
    )


def test_no_commit_yet(console: Console, repo: Repo) -> None:
    repo.git("checkout", "-q", "--orphan", "empty")
    assert "this repository has no commit yet" in console("diff").err


def test_nothing_to_compare_with(console: Console, repo: Repo) -> None:
    repo.git("branch", "-m", "main", "trunk")
    outcome = console("diff")
    assert outcome.status == 2
    assert "there is nothing to compare with: none of origin/HEAD, origin/main" in outcome.err
    assert console("diff", "trunk").status == 0


def test_a_shallow_clone_says_how_to_fetch_the_rest(
    console: Console, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("Dear", {"agents.d/a.yaml": DEAR})
    repo.git("checkout", "-q", "main")
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "topic", repo.folder.as_uri(), "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    for arguments in ((), (first,), (f"{first}...HEAD",)):
        outcome = console("diff", *arguments)
        assert outcome.status == 2
        assert "fetch-depth: 0" in outcome.err


@pytest.mark.parametrize("name", ["nowhere", "HEAD~9", "main^{tree}", "", "a b", "$(touch x)", ":/x", "@{-9}"])
def test_a_name_that_means_no_commit(console: Console, repo: Repo, name: str) -> None:
    outcome = console("diff", f"{name}..HEAD" if name else "HEAD^..HEAD")
    assert outcome.status == 2
    assert outcome.err.count("\n") == 1
    assert not (repo.folder / "x").exists()


@pytest.mark.parametrize("name", ["--output=x", "-x", "--upload-pack=touch x", "--ext-diff"])
def test_a_name_is_no_option(console: Console, repo: Repo, name: str) -> None:
    for sides in (name, f"{name}..HEAD", f"HEAD..{name}", f"HEAD...{name}"):
        outcome = console("diff", "--", sides)
        assert outcome.status == 2
        assert "cannot be the name of a commit" in outcome.err
    assert not (repo.folder / "x").exists()


def test_a_folder_that_was_meant_as_a_side(console: Console, repo: Repo) -> None:
    outcome = console("diff", "HEAD", "main")
    assert outcome.status == 2
    assert "there is no folder 'HEAD'; for two commits write HEAD..main" in outcome.err
    assert "two folders" in console("diff", "a", "b", "c").err
    assert "'agents.d' is a folder, and no commit; name two folders" in console("diff", "agents.d").err
    assert "is a file; name the folder that holds the agents" in console("diff", "agents.d", "agents.d/a.yaml").err


def test_an_environment_that_one_side_does_not_have(console: Console, repo: Repo) -> None:
    repo.commit("Prod", {"agents.d/_environments/prod.yaml": "{}\n"})
    outcome = console("diff", "HEAD~..HEAD", "-e", "prod")
    assert outcome.status == 2
    assert "no environment 'prod'" in outcome.err


# -- sides with errors


def test_an_invalid_head_is_said_and_the_rest_compared(console: Console, repo: Repo) -> None:
    repo.commit("Wrong", {"agents.d/a.yaml": "llm: {modell: openai/dear}\n", "agents.d/b.yaml": AGENT})
    outcome = console("diff", "HEAD~..HEAD")
    assert outcome.status == 0
    assert "has errors; agents that cannot be used with them are not compared" in outcome.out
    assert "unknown key 'modell'" in outcome.out
    assert "b is new" in outcome.out
    assert console("diff", "HEAD~..HEAD", "--fail-on", "high").status == 1
    said = console("diff", "HEAD~..HEAD", "--format", "json").json
    assert [one["code"] for one in said["head_diagnostics"]] == ["AC102"]
    assert said["base_diagnostics"] == []


def test_an_invalid_base_is_said_and_does_not_fail_the_head(console: Console, repo: Repo) -> None:
    repo.commit("Wrong", {"agents.d/a.yaml": "llm: [\n"})
    repo.commit("Mended", {"agents.d/a.yaml": AGENT, "agents.d/b.yaml": AGENT})
    outcome = console("diff", "HEAD~..HEAD", "--fail-on", "high", "--format", "json")
    assert outcome.status == 0
    assert [one["code"] for one in outcome.json["base_diagnostics"]] == ["AC001"]
    assert [one["agent"] for one in outcome.json["changes"]] == ["b"]


# -- options


def test_exit_code_tells_a_difference(console: Console, repo: Repo) -> None:
    assert console("diff", "--exit-code").status == 0
    repo.write({"agents.d/a.yaml": f"# only a comment\n{AGENT}"})
    assert console("diff", "--exit-code").status == 0
    repo.write({"agents.d/a.yaml": DEAR})
    assert console("diff", "--exit-code").status == 1
    assert console("diff").status == 0
    repo.write({"agents.d/a.yaml": AGENT, "agents.d/b.yaml": "llm: {modell: x}\n"})
    assert console("diff", "--exit-code").status == 1


def test_fail_on_a_risk(console: Console, repo: Repo) -> None:
    repo.write({"agents.d/a.yaml": f"{AGENT}limits: {{max_parallel: 2}}\n"})
    assert [console("diff", "--fail-on", risk).status for risk in ("high", "medium", "low")] == [0, 0, 1]
    repo.write({"agents.d/a.yaml": DEAR})
    assert [console("diff", "--fail-on", risk).status for risk in ("high", "medium", "low")] == [1, 1, 1]


def test_the_base_judges(console: Console, repo: Repo) -> None:
    policy = "policies: [{id: cheap, require: \"agent.llm.model != 'openai/dear'\"}]\n"
    repo.commit("Policy", {"agents.d/_settings.yaml": policy})
    repo.write({"agents.d/_settings.yaml": "{}\n", "agents.d/a.yaml": DEAR})
    fails = "newly fails: policy-violation"
    assert fails not in console("diff", "HEAD").out
    assert fails in console("diff", "HEAD", "--settings-from", "base").out
    assert "the policy 'cheap' is gone" in console("diff", "HEAD", "--settings-from", "base").out


def test_two_folders(console: Console, repo: Repo) -> None:
    shutil.copytree("agents.d", "new.d")
    assert console("diff", "agents.d", "new.d").out == NOTHING
    repo.write({"new.d/a.yaml": DEAR})
    assert "high   new.d/a.yaml:1  llm.model: openai/gpt-4.1 to openai/dear" in console("diff", "agents.d", "new.d").out


def test_the_review_is_written_to_a_file(console: Console, repo: Repo) -> None:
    repo.write({"agents.d/a.yaml": DEAR})
    outcome = console("diff", "--format", "markdown", "--output", "review.md")
    assert outcome.out == ""
    assert "openai/dear" in (repo.folder / "review.md").read_text("utf-8")


# -- recorded usage

LINES = [
    {"agent": "a", "model": "openai/gpt-4.1", "calls": 10, "input_tokens": 1_000_000, "output_tokens": 500_000},
    {"agent": "a", "model": "openai/gpt-4.1", "calls": 2.0, "input_tokens": "1000000", "output_tokens": 0, "more": 1},
]
ROWS = f"{HEADING}\na,openai/gpt-4.1,10,1000000,500000\na, openai/gpt-4.1,2.0,1000000,0\n"
TEXTS = {
    "csv": ROWS,
    "bom": f"\ufeff{ROWS}",
    "crlf": ROWS.replace("\n", "\r\n"),
    "jsonl": "\n\n".join(map(json.dumps, LINES)),
}


@pytest.mark.parametrize("form", TEXTS)
def test_what_the_change_would_have_cost(console: Console, repo: Repo, form: str) -> None:
    repo.write({"agents.d/a.yaml": DEAR, "agents.d/b.yaml": AGENT})
    console.write("usage", TEXTS[form])
    outcome = console("diff", "--usage", "usage")
    assert "over the recorded period: $4.00 before, $20.00 after (+$16.00, +400%)\n" in outcome.out
    assert "not counted, since there is no record: b\n" in outcome.out
    forecast = console("diff", "--usage", "usage", "--format", "json").json["forecast"]
    assert forecast == {
        "before": 4.0, "after": 20.0, "unrecorded": ["b"], "unpriced": [], "unmatched": [],
        "agents": [
            {"agent": "a", "environment": None, "calls": 12, "before": 4.0, "after": 20.0, "prompt_tokens": 0}
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [
    ("calls\n", "has no column agent, model, input_tokens"),
    ("agent,model\na,b\n", "has no column calls"),
    (f"{HEADING}\na,b,1\n", "line 2 of the usage: input_tokens must be a whole number from 0"),
    (f"{HEADING}\na,b,-1,1,1\n", "calls must be"),
    (f"{HEADING}\na,b,1e400,1,1\n", "calls must be"),
    (f"{HEADING}\na,b,{'9' * 5000},1,1\n", "calls must be"),
    (f"{HEADING}\na,b,nan,1,1\n", "calls must be"),
    (f"{HEADING}\n,b,1,1,1\n", "line 2 of the usage says no agent"),
    (f'{HEADING}\na,"b,1,1,1', "line 2"),
    ('{"agent": "a"', "line 1 of the usage is no JSON object"),
    ('[{"agent": "a"}]', "the usage is a list; write one JSON object a line, or CSV"),
    (f"{HEADING}\n".replace(",", ";"), "its first line must name them, with commas between"),
    ('{"agent": "a"}\n[1]', "says no model"),
    ('{"agent": "a", "model": "b", "calls": true, "input_tokens": 1, "output_tokens": 1}', "calls must be"),
    ("{" + '"a":[' * 100_000, "line 1 of the usage is no JSON object"),
])  # fmt: skip
def test_usage_that_cannot_be_read_is_said_with_its_line(console: Console, repo: Repo, text: str, said: str) -> None:
    console.write("usage", text)
    outcome = console("diff", "--usage", "usage")
    assert outcome.status == 2
    assert said in outcome.err
    assert len(outcome.err) < 300


def test_usage_that_is_no_text(console: Console, repo: Repo) -> None:
    (repo.folder / "usage").write_bytes(b"\xff\xfe\x00")
    assert console("diff", "--usage", "usage").err == "agentconf: usage is not UTF-8 text\n"


def test_usage_without_a_call_names_who_has_no_record(console: Console, repo: Repo) -> None:
    repo.write({"agents.d/a.yaml": DEAR})
    console.write("usage", "\n")
    out = console("diff", "--usage", "usage").out
    assert "not counted, since there is no record: a\n" in out
    assert "recorded period" not in out


def test_usage_without_an_end_is_not_read_to_the_end(console: Console, repo: Repo) -> None:
    assert "larger than 256 MiB" in console("diff", "--usage", "/dev/zero").err


def test_tokens_that_a_prompt_adds_are_counted_in_each_recorded_call(console: Console, repo: Repo) -> None:
    repo.write({"agents.d/a.yaml": f"{AGENT}instructions: {'word ' * 80}\n"})
    console.write("usage", f"{HEADING}\na,openai/gpt-4.1,10000,1000000,0\n")
    out = console("diff", "--usage", "usage").out
    assert "over the recorded period: $1.00 before, about $2.00 after (+$1.00, +100%)\n" in out
    assert "prompts that are longer or shorter are counted at four characters a token" in out
    cost = console("diff", "--usage", "usage", "--format", "json").json["forecast"]["agents"][0]
    assert (cost["after"], cost["prompt_tokens"]) == (2.0, 100)


def test_records_of_a_model_that_the_base_does_not_name_are_said(console: Console, repo: Repo) -> None:
    repo.write({"agents.d/a.yaml": DEAR})
    console.write("usage", f"{HEADING}\na,openai/other\x1b[31m,10,1000000,0\n")
    out = console("diff", "--usage", "usage").out
    assert "counted at the base's first model, since it does not name theirs: a (openai/other\\x1b[31m)\n" in out


def test_costs_too_small_for_cents_are_not_nothing(console: Console, repo: Repo) -> None:
    repo.write({"agents.d/a.yaml": DEAR})
    console.write("usage", f"{HEADING}\na,openai/gpt-4.1,1,2,0\n")
    assert "$2e-06 before, $1e-05 after" in console("diff", "--usage", "usage").out


def test_agents_without_a_record_are_not_all_named_on_one_line(console: Console, repo: Repo) -> None:
    repo.commit("Many", {f"agents.d/agent-{number}.yaml": AGENT for number in range(3000)})
    repo.write({f"agents.d/agent-{number}.yaml": DEAR for number in range(3000)})
    console.write("usage", f"{HEADING}\nagent-7,openai/gpt-4.1,10,1000000,0\n")
    said = console("diff", "HEAD", "--usage", "usage", "--format", "markdown").out
    assert "there is no record: agent-0, agent-1, agent-10" in said
    assert "and 2,989 more" in said
    assert "| risk | edit |" in said
    assert len(console("diff", "HEAD", "--usage", "usage", "--format", "json").json["forecast"]["unrecorded"]) == 2999


def test_usage_must_say_the_environment_where_several_are_compared(console: Console, repo: Repo) -> None:
    repo.commit("Two", {"agents.d/_environments/dev.yaml": "{}\n", "agents.d/_environments/prod.yaml": "{}\n"})
    repo.write({"agents.d/a.yaml": DEAR})
    console.write("usage", ROWS)
    outcome = console("diff", "HEAD", "--usage", "usage")
    assert outcome.status == 2
    assert "add a column 'environment', or choose one with -e" in outcome.err
    assert "$20.00 after" in console("diff", "HEAD", "--usage", "usage", "-e", "prod").out


# -- nothing that a tree holds acts or leaks

SECRETS = {
    "fernet": '"${fernet:gAAAAABnSECRETsecretSECRETsecretSECRET}"',
    "age": '"${age:-----BEGIN AGE SECRETsecret-----}"',
    "literal": "sk-SECRETsecret0123456789abcdef",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_never_shown(console: Console, repo: Repo, kind: str) -> None:
    provider = f"providers: {{openai: {{api_key: {SECRETS[kind]}, extra_headers: {{x-api-key: {SECRETS[kind]}}}}}}}\n"
    text = f"instructions: use {SECRETS['literal']} here\nmetadata: {{note: {SECRETS['literal']}}}\n"
    repo.commit("Secret", {"agents.d/_defaults.yaml": provider, "agents.d/a.yaml": AGENT + text})
    for sides in ("HEAD~..HEAD", "HEAD..HEAD~"):
        for form in ("text", "markdown", "json"):
            outcome = console("diff", sides, "--format", form)
            assert outcome.status == 0
            assert "SECRETsecret" not in outcome.out + outcome.err


IN_ODD_PLACES = {
    "a key of metadata": f"{AGENT}metadata: {{a: {{{SECRETS['literal']}: 1}}}}\n",
    "a model": f"llm: {{model: openai/{SECRETS['literal']}}}\n",
    "a fallback": f"{AGENT}".replace("}", f", fallbacks: [{{model: openai/{SECRETS['literal']}}}]}}"),
    "an extra parameter": AGENT.replace("}", f", extra: {{{SECRETS['literal']}: [{SECRETS['literal']}]}}}}"),
}


@pytest.mark.parametrize("place", IN_ODD_PLACES)
def test_a_secret_is_shown_from_no_place(console: Console, repo: Repo, place: str) -> None:
    repo.commit("Secret", {"agents.d/a.yaml": IN_ODD_PLACES[place]})
    said = [console("log", "a").out, console("log", "a", "--format", "json").out]
    for sides in ("HEAD~..HEAD", "HEAD..HEAD~"):
        said += [console("diff", sides, "--format", form).out for form in ("text", "markdown", "json")]
    assert all(said)
    assert not [text for text in said if "SECRETsecret" in text]


def test_a_secret_in_the_settings_or_an_address_is_not_shown(console: Console, repo: Repo) -> None:
    key = SECRETS["literal"]
    policy = f"policies: [{{id: p, require: \"agent.llm.model != '{key}'\", message: no {key}}}]\n"
    provider = "providers: {openai: {api_base: 'https://ADDRESS/v1'}}\n"
    repo.commit("Provider", {"agents.d/_defaults.yaml": provider.replace("ADDRESS", "e.example")})
    away = provider.replace("ADDRESS", f"me:{key}@f.example")
    settings = f"{policy}secrets: {{files: [/run/{key}]}}\n"
    repo.commit("Secret", {"agents.d/_settings.yaml": settings, "agents.d/_defaults.yaml": away})
    for sides in ("HEAD~..HEAD", "HEAD..HEAD~"):
        for form in ("text", "markdown", "json"):
            said = console("diff", sides, "--format", form).out
            assert "f.example" in said
            assert "SECRETsecret" not in said


HOSTILE = (
    'description: "\\e]0;x\\a\\e[31m a|b `c` <img src=x> @octo/team #1 [x](http://e.example) '
    '](http://e.example) \\u202e x"\ninstructions: "\\e[2J</details> <script>x</script> @octo ](http://e.example"\n'
)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_hostile_text_does_nothing(console: Console, repo: Repo, form: str) -> None:
    repo.write({"agents.d/a.yaml": AGENT + HOSTILE})
    said = console("diff", "--format", form).out
    assert not any(sign in said for sign in "\x1b\x07\u202e\u2028")
    if form == "markdown":
        assert "<script>" not in said
        assert "<img" not in said
        assert "@octo" not in said
        assert "](http://" not in said


def test_a_change_of_ten_thousand_agents_fits_a_comment(console: Console, repo: Repo) -> None:
    agents = {f"agents.d/team-{number % 40}/agent-{number}.yaml": f"name: N {number}\n" for number in range(10_000)}
    repo.write({**agents, "agents.d/_defaults.yaml": AGENT})
    repo.commit("Many")
    changed = {
        path: f"{text}llm: {{temperature: 0.{index % 9}}}\n" for index, (path, text) in enumerate(agents.items())
    }
    repo.write({**changed, "agents.d/_defaults.yaml": DEAR})
    said = console("diff", "HEAD", "--format", "markdown").out
    assert len(said) < 65_536
    assert "10,000 agents" in said
    assert "do not fit here; `agentconf diff` shows them all.*" in said
    assert said.count("<details>") == said.count("</details>")


def test_no_traceback_and_a_plain_status_in_a_process_of_its_own(console: Console, repo: Repo) -> None:
    repo.write({"agents.d/a.yaml": DEAR})
    variables = {name: ENVIRONMENT[name] for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")}
    outcome = in_a_process("diff", "main", "--exit-code", folder=repo.folder, **variables)
    assert outcome.status == 1
    assert outcome.err == ""
