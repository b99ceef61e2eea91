"""`--writes commit`: what is asked for, and nothing else, in the file, the index and one commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.writing.hosted import AGENT, FILE, TREE, Hosted, hosted, until
from tests.source.git.repositories import Repo, git


def test_a_patch_is_an_edit_in_place_and_a_commit_by_the_tokens_owner(server: Hosted, repo: Repo) -> None:
    before = repo.git("rev-parse", "HEAD")
    answer = server.writer.patch({"llm": {"temperature": 0}, "tags": None})
    assert answer.status == 200, answer
    wanted = FILE.replace("temperature: 0.2", "temperature: 0").replace("\ntags: [support, first]\n", "")
    assert (repo.tree / "a.yaml").read_text().rstrip() == wanted.rstrip()
    assert repo.git("rev-parse", "HEAD") == answer.body["commit"]
    assert repo.git("rev-parse", "HEAD~") == before
    assert repo.git("log", "-1", "--format=%an <%ae>, %cn <%ce>") == (
        "Ada Lovelace <ada@example.com>, agentconf <agentconf@localhost>"
    )
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("diff", "--name-only", "HEAD~") == "agents.d/a.yaml"
    message = repo.git("log", "-1", "--format=%B")
    assert message.startswith("a: llm.temperature, tags\n\n")
    assert "agents.d/a.yaml:7  llm.temperature: 0.2 to 0" in message
    assert str(repo.folder) not in message
    assert answer.body["file"] == "agents.d/a.yaml"
    assert message.endswith("Agentconf-Token: write")
    assert answer.body["branch"] == "main"
    assert {one["key"] for one in answer.body["diff"]["changes"]} == {"llm.temperature", "tags"}


def test_what_was_written_is_served(server: Hosted) -> None:
    answer = server.writer.patch({"llm": {"max_tokens": 100}})
    until(lambda: server.reader.ask("GET", AGENT).body["config"]["llm"]["max_tokens"] == 100)
    assert server.writer.tag() == answer.headers["etag"]


def test_null_removes_a_key_and_put_writes_null(server: Hosted, repo: Repo) -> None:
    answer = server.writer.patch({"llm": {"temperature": None}})
    assert answer.status == 200
    assert "temperature" not in (repo.tree / "a.yaml").read_text()
    document = server.reader.ask("GET", f"{AGENT}/document").body["document"]
    document["llm"]["temperature"] = None
    assert server.writer.write("PUT", document).status == 200
    assert "  temperature: null\n" in (repo.tree / "a.yaml").read_text()


def test_what_is_put_back_as_it_was_read_changes_nothing(server: Hosted, repo: Repo) -> None:
    before = repo.git("rev-parse", "HEAD")
    document = server.reader.ask("GET", f"{AGENT}/document").body["document"]
    answer = server.writer.write("PUT", dict(reversed(document.items())))
    assert (answer.status, answer.body["commit"], answer.body["diff"]["changes"]) == (200, None, [])
    assert repo.git("rev-parse", "HEAD") == before


def test_a_new_agent_goes_where_post_says(server: Hosted, repo: Repo) -> None:
    document = {"owner": "team@example.com", "llm": {"model": "openai/gpt-4.1"}, "instructions": "Be\nbrief.\n"}
    answer = server.writer.ask("POST", "/api/agents/new?folder=trading", document)
    assert (answer.status, answer.headers["location"]) == (201, "/api/agents/new")
    assert (repo.tree / "trading/new.yaml").read_text() == (
        "owner: team@example.com\nllm:\n  model: openai/gpt-4.1\ninstructions: |\n  Be\n  brief.\n"
    )
    assert repo.git("log", "-1", "--format=%s") == "new: new agent"
    assert repo.git("status", "--porcelain") == ""
    until(lambda: server.reader.ask("GET", "/api/agents/new").status == 200)
    assert server.writer.ask("POST", "/api/agents/new", document).status == 409


def test_a_dry_run_of_a_new_agent_answers_what_is_described(server: Hosted) -> None:
    document = {"owner": "team@example.com", "llm": {"model": "openai/gpt-4.1"}}
    answer = server.writer.ask("POST", "/api/agents/new?dry_run=true", document)
    described = server.reader.ask("GET", "/openapi.json").body["paths"]["/api/agents/{agent_id}"]["post"]["responses"]
    assert answer.status == 200
    assert described["200"]["content"] == described["201"]["content"]


def test_a_removed_agent_is_gone(server: Hosted, repo: Repo) -> None:
    answer = server.writer.write("DELETE", path="/api/agents/b")
    assert answer.status == 200
    assert "etag" not in answer.headers
    assert not (repo.tree / "b.yaml").exists()
    assert repo.git("log", "-1", "--format=%s") == "b: deleted"
    assert repo.git("status", "--porcelain") == ""
    assert server.reader.ask("GET", "/api/agents/b/document").status == 404


def test_a_new_file_names_its_schema_where_the_others_do(repo: Repo, tmp_path: Path) -> None:
    line = "# yaml-language-server: $schema=../schema/agent.schema.json\n"
    named = {f"agents.d/{name}.yaml": f"{line}\n{(repo.tree / f'{name}.yaml').read_text()}" for name in "ab"}
    trader = line.replace("../", "../../") + (repo.tree / "trading/trader.yaml").read_text()
    repo.commit("Schemas", {**named, "agents.d/trading/trader.yaml": trader})
    with hosted(repo.tree, tmp_path) as server:
        answer = server.writer.ask("POST", "/api/agents/new", {"owner": "a@b.c", "llm": {"model": "openai/gpt-4.1"}})
    assert answer.status == 201, answer
    assert (repo.tree / "new.yaml").read_text().startswith(line)


def test_a_dry_run_says_what_would_change_and_does_nothing(server: Hosted, repo: Repo) -> None:
    before = repo.git("rev-parse", "HEAD")
    answer = server.writer.ask("PATCH", f"{AGENT}?dry_run=true", {"name": "Other"}, {"if-match": server.writer.tag()})
    assert (answer.status, answer.body["dry_run"], answer.body["commit"]) == (200, True, None)
    assert [(one["key"], one["new"]) for one in answer.body["diff"]["changes"]] == [("name", "Other")]
    assert repo.git("rev-parse", "HEAD") == before
    assert (repo.tree / "a.yaml").read_text() == FILE
    assert repo.git("status", "--porcelain") == ""


def test_what_else_is_staged_stays_staged(server: Hosted, repo: Repo) -> None:
    (repo.folder / "README.md").write_text("More.\n")
    repo.git("add", "README.md")
    assert server.writer.patch({"name": "Other"}).status == 200
    assert repo.git("status", "--porcelain") == "M  README.md"
    assert repo.git("diff", "--name-only", "HEAD~", "HEAD") == "agents.d/a.yaml"


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg", "post-commit", "reference-transaction"])
def test_no_hook_runs_and_nothing_is_signed(server: Hosted, repo: Repo, name: str, tmp_path: Path) -> None:
    hook = repo.folder / ".git/hooks" / name
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
    hook.chmod(0o755)
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", str(hook))
    assert server.writer.patch({"name": "Other"}).status == 200
    assert not (tmp_path / "ran").exists()


def test_the_clones_own_user_is_the_committer(server: Hosted, repo: Repo) -> None:
    repo.git("config", "user.name", "Robot")
    repo.git("config", "user.email", "robot@example.com")
    assert server.writer.patch({"name": "Other"}).status == 200
    assert repo.git("log", "-1", "--format=%an %cn %ce") == "Ada Lovelace Robot robot@example.com"


def test_a_linked_work_tree_is_a_clone_too(repo: Repo, tmp_path: Path) -> None:
    other = tmp_path / "stage"
    repo.git("worktree", "add", "-q", "-b", "stage", str(other))
    with hosted(other / "agents.d", tmp_path) as server:
        answer = server.writer.patch({"name": "Other"})
    assert (answer.status, answer.body["branch"]) == (200, "stage"), answer
    assert repo.git("show", "stage:agents.d/a.yaml") == (other / "agents.d/a.yaml").read_text().strip()
    assert git(other, "status", "--porcelain") == ""
    assert repo.git("status", "--porcelain") == ""
    assert (repo.tree / "a.yaml").read_text() == FILE


def test_a_repository_of_the_other_kind_of_ids(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "other", "--object-format=sha256")
    repo.commit("First", TREE)
    with hosted(repo.tree, tmp_path) as server:
        assert len(server.writer.patch({"name": "Other"}).body["commit"]) == 64
        assert server.writer.write("DELETE", path="/api/agents/b").status == 200
    assert repo.git("status", "--porcelain") == ""


def test_a_tree_that_is_the_whole_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "whole")
    repo.commit("First", {"a.yaml": FILE})
    with hosted(repo.folder, tmp_path) as server:
        answer = server.writer.patch({"name": "Other"})
    assert (answer.status, answer.body["file"]) == (200, "a.yaml"), answer
    assert repo.git("diff", "--name-only", "HEAD~") == "a.yaml"


def test_a_file_keeps_its_mode_and_its_line_breaks(repo: Repo, tmp_path: Path) -> None:
    repo.write({"agents.d/a.yaml": FILE.replace("\n", "\r\n")})
    (repo.tree / "a.yaml").chmod(0o755)
    repo.commit("Mode")
    with hosted(repo.tree, tmp_path) as server:
        assert server.writer.patch({"llm": {"temperature": 1}}).status == 200
    wanted = FILE.replace("temperature: 0.2", "temperature: 1").replace("\n", "\r\n")
    assert (repo.tree / "a.yaml").read_bytes().decode() == wanted
    assert (repo.tree / "a.yaml").stat().st_mode & 0o777 == 0o755
    assert repo.git("ls-tree", "HEAD", "agents.d/a.yaml").startswith("100755")
    assert repo.git("status", "--porcelain") == ""
