"""The commits that changed a resolved agent, in a real repository."""

from __future__ import annotations

import pytest

from tests.cli.console import Console
from tests.source.git.repositories import Repo

AGENT = "owner: a@example.com\nllm: {model: openai/gpt-4.1}\n"


@pytest.fixture
def repo(console: Console) -> Repo:
    """Four commits: two agents, a default, another agent's edit, a comment."""
    repo = Repo(console.folder)
    repo.commit("Two agents", {"agents.d/a.yaml": AGENT, "agents.d/b.yaml": AGENT})
    repo.commit("A default for all", {"agents.d/_defaults.yaml": "llm: {temperature: 0.2}\n"})
    repo.commit("Only b", {"agents.d/b.yaml": AGENT + "description: b\n"})
    repo.commit("A comment", {"agents.d/a.yaml": "# Only a comment.\n" + AGENT})
    return repo


def test_commits_that_changed_what_the_agent_is_newest_first(repo: Repo, console: Console) -> None:
    said = console("log", "a", "--format", "json").json
    assert [entry["subject"] for entry in said] == ["A default for all", "Two agents"]
    change = said[0]["changes"][0]
    assert (change["key"], change["old"], change["new"]) == ("llm.temperature", None, 0.2)
    assert change["cause"] == {"file": "agents.d/_defaults.yaml", "line": 1}
    assert said[1]["changes"][0]["kind"] == "created"
    assert said[0]["author"] == "Ada Löve"
    assert said[0]["commit"] == repo.git("rev-parse", "HEAD~2")


def test_another_id_is_followed(repo: Repo, console: Console) -> None:
    repo.git("mv", "agents.d/a.yaml", "agents.d/c.yaml")
    repo.commit("Another name")
    said = console("log", "c", "--format", "json").json
    assert [entry["subject"] for entry in said] == ["Another name", "A default for all", "Two agents"]


def test_people_get_a_line_a_commit_and_what_it_means(repo: Repo, console: Console) -> None:
    out = console("log", "a", "-n", "1").out
    assert "Ada Löve: A default for all" in out
    assert "llm.temperature: (not set) to 0.2" in out
    assert "Two agents" not in out


def test_an_unknown_agent_is_told_with_the_nearest(repo: Repo, console: Console) -> None:
    done = console("log", "aa")
    assert done.status == 2
    assert "did you mean 'a'?" in done.err


def test_outside_of_a_repository_the_way_out_is_said(console: Console) -> None:
    console.write("agents.d/a.yaml", AGENT)
    done = console("log", "a")
    assert done.status == 2
    assert "repository" in done.err


def test_each_line_of_an_explanation_has_its_commit(repo: Repo, console: Console) -> None:
    repo.write({"agents.d/a.yaml": AGENT.replace("gpt-4.1", "gpt-4.1-mini")})
    said = console("explain", "a", "llm.temperature", "--format", "json").json
    assert said["layers"][-1]["commit"] == repo.git("rev-parse", "HEAD~2")
    assert said["layers"][-1]["author"] == "Ada Löve"
    assert "not committed yet" in console("explain", "a", "llm.model").out


def test_an_environment_that_came_later_is_looked_at_from_then_on(repo: Repo, console: Console) -> None:
    repo.commit("An environment", {"agents.d/_environments/prod.yaml": "{}\n"})
    repo.commit("A seed", {"agents.d/a.yaml": AGENT.replace("}", ", seed: 1}")})
    said = console("log", "a", "-e", "prod", "--format", "json").json
    assert [entry["subject"] for entry in said] == ["A seed"]
    done = console("log", "a", "-e", "test")
    assert done.status == 2
    assert "no environment 'test'" in done.err


def test_a_merge_is_one_commit_and_its_own_history_has_each(repo: Repo, console: Console) -> None:
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit("One", {"agents.d/a.yaml": AGENT.replace("}", ", seed: 1}")})
    repo.commit("Two", {"agents.d/a.yaml": AGENT.replace("}", ", seed: 2}")})
    repo.git("checkout", "-q", "main")
    repo.commit("Beside", {"agents.d/b.yaml": AGENT})
    repo.git("merge", "-q", "--no-ff", "--no-gpg-sign", "-m", "Merge", "topic")
    repo.git("checkout", "-q", "--detach")
    subjects = [entry["subject"] for entry in console("log", "a", "--format", "json").json]
    assert subjects == ["Merge", "A default for all", "Two agents"]
    subjects = [entry["subject"] for entry in console("log", "a", "--revision", "topic", "--format", "json").json]
    assert subjects == ["Two", "One", "A default for all", "Two agents"]


@pytest.mark.parametrize("revision", ["-x", "--output=x", "nowhere", "HEAD:agents.d", ""])
def test_a_revision_that_means_no_commit(repo: Repo, console: Console, revision: str) -> None:
    done = console("log", "a", f"--revision={revision}")
    assert done.status == 2
    assert done.err.count("\n") == 1


def test_without_a_commit_the_way_out_is_said(console: Console) -> None:
    Repo(console.folder).write({"agents.d/a.yaml": AGENT})
    done = console("log", "a")
    assert done.status == 2
    assert "no commit yet" in done.err


def test_what_a_tree_holds_does_nothing_to_a_terminal(repo: Repo, console: Console) -> None:
    model = 'owner: a@example.com\nllm: {model: openai/x, fallbacks: [{model: "openai/y\\e[31m"}]}\n'
    repo.write({"agents.d/a.yaml": model + 'metadata: {"k\\e[2J\\n": "v\\x9b \\u202e"}\n'})
    repo.commit("Sub\x1b[31mject")
    for form in ("text", "json"):
        said = console("log", "a", "-n", "1", "--format", form).out
        assert not any(sign in said for sign in "\x1b\x9b\u202e")
    assert console("log", "a", "-n", "1").out.count("\n\n") == 1
