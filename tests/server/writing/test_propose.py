"""`--writes propose`: a branch for each change, sent to the remote, and nothing else moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.writing.hosted import AGENT, FILE, Answer, Hosted, hosted
from tests.source.git.repositories import Repo, git

PATCH = {"llm": {"temperature": 0.7}}


@pytest.fixture
def remote(repo: Repo, tmp_path: Path) -> Path:
    """A forge: a bare repository that prints a link for each branch that is sent to it."""
    folder = tmp_path / "forge.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(folder))
    repo.git("remote", "add", "origin", str(folder))
    repo.git("push", "-q", "origin", "main")
    hook = folder / "hooks/post-receive"
    hook.write_text(
        "#!/bin/sh\nread old new ref\necho\necho \"Create a pull request for '$ref' by visiting:\"\n"
        'echo "     https://forge.example/agents/pull/new/${ref#refs/heads/}"\necho\n'
    )
    hook.chmod(0o755)
    return folder


def state(repo: Repo) -> tuple[str, ...]:
    """What a proposal must leave as it is."""
    index = (repo.folder / ".git/index").read_bytes().hex()
    files = "".join(path.read_text() for path in sorted(repo.tree.rglob("*.yaml")))
    return repo.git("rev-parse", "HEAD"), repo.git("status", "--porcelain", "--branch"), index, files


def test_a_change_is_a_branch_of_its_own_and_is_sent(proposing: Hosted, repo: Repo, remote: Path) -> None:
    before = state(repo)
    answer = proposing.writer.patch(PATCH)
    assert (answer.status, answer.body["pushed"]) == (202, True), answer
    assert "etag" not in answer.headers
    branch, commit = answer.body["branch"], answer.body["commit"]
    assert branch.startswith("agentconf/a-")
    assert answer.body["link"] == f"https://forge.example/agents/pull/new/{branch}"
    assert git(remote, "rev-parse", f"refs/heads/{branch}") == commit
    assert git(remote, "rev-parse", "main", f"{commit}~").split() == [before[0], before[0]]
    assert git(remote, "show", f"{commit}:agents.d/a.yaml") == FILE.replace("0.2", "0.7").strip()
    assert git(remote, "diff", "--name-only", f"{commit}~", commit) == "agents.d/a.yaml"
    message = git(remote, "log", "-1", "--format=%an%n%B", commit)
    assert message.startswith("Ada Lovelace\na: llm.temperature\n\n<!-- agentconf diff -->\n### agentconf: 1 edit ")
    assert "| risk | edit | reaches | what it means |" in message
    assert state(repo) == before


def test_two_proposals_stand_beside_each_other(proposing: Hosted, remote: Path) -> None:
    answers = [proposing.writer.patch({"name": name}) for name in ("One", "Two")]
    assert len({answer.body["branch"] for answer in answers}) == 2
    assert len(git(remote, "branch", "--list", "agentconf/*").splitlines()) == 2


def test_the_same_proposal_sent_again_is_the_same(proposing: Hosted, remote: Path) -> None:
    answers = [proposing.writer.patch(PATCH).body for _ in range(2)]
    assert answers[0]["commit"] == answers[1]["commit"]
    assert answers[0]["branch"] == answers[1]["branch"]


def test_a_new_agent_and_one_that_goes(proposing: Hosted, remote: Path, repo: Repo) -> None:
    made = proposing.writer.ask("POST", "/api/agents/x..y?folder=trading", {"llm": {"model": "openai/gpt-4.1"}})
    assert made.status == 202, made
    assert made.body["branch"].startswith("agentconf/x-y-")
    assert git(remote, "show", f"{made.body['commit']}:agents.d/trading/x..y.yaml") == "llm:\n  model: openai/gpt-4.1"
    gone = proposing.writer.write("DELETE", path="/api/agents/b")
    assert "agents.d/b.yaml" not in git(remote, "ls-tree", "-r", "--name-only", gone.body["commit"])
    assert proposing.reader.ask("GET", "/api/agents/b").status == 200


def test_without_a_remote_the_branch_stays_here(proposing: Hosted, repo: Repo) -> None:
    answer = proposing.writer.patch(PATCH)
    assert (answer.status, answer.body["pushed"], answer.body["link"]) == (202, False, None)
    assert repo.git("rev-parse", answer.body["branch"]) == answer.body["commit"]


def test_what_is_guarded_is_what_is_committed(proposing: Hosted, repo: Repo) -> None:
    """A proposal begins at the commit, whatever else lies in the folder."""
    tag = proposing.writer.tag()
    (repo.tree / "a.yaml").write_text(FILE.replace("0.2", "0.9"))
    assert proposing.writer.tag() == tag
    answer = proposing.writer.patch({"name": "Other"})
    assert answer.status == 202
    assert repo.git("show", f"{answer.body['commit']}:agents.d/a.yaml") == FILE.replace("First ", "Other ").strip()
    repo.commit("By hand")
    late = proposing.writer.ask("PATCH", AGENT, PATCH, {"if-match": tag})
    assert late.status == 412


def test_a_detached_head_is_no_hindrance(repo: Repo, tmp_path: Path, remote: Path) -> None:
    repo.git("checkout", "-q", "--detach")
    with hosted(repo.tree, tmp_path, "propose") as server:
        assert server.writer.patch(PATCH).body["pushed"] is True


def unsent(answer: Answer) -> str:
    assert (answer.status, answer.body["type"]) == (502, "urn:agentconf:problem:not-pushed"), answer
    return answer.detail


def test_a_remote_that_is_away_and_comes_back(proposing: Hosted, repo: Repo, remote: Path) -> None:
    remote.rename(remote.with_name("away.git"))
    said = unsent(proposing.writer.patch(PATCH))
    assert "could not be pushed to 'origin'" in said
    assert "send the same again" in said
    remote.with_name("away.git").rename(remote)
    answer = proposing.writer.patch(PATCH)
    assert (answer.status, answer.body["pushed"]) == (202, True)
    assert len(repo.git("branch", "--list", "agentconf/*").splitlines()) == 1


def test_a_remote_that_refuses(proposing: Hosted, remote: Path) -> None:
    hook = remote / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho no\nexit 1\n")
    hook.chmod(0o755)
    assert "could not be pushed" in unsent(proposing.writer.patch(PATCH))


@pytest.mark.parametrize("address", ["ext::sh -c 'touch %s/ran'", "https://ada:secret-word@127.0.0.1:9/a.git"])
def test_no_program_is_run_and_no_password_said(proposing: Hosted, repo: Repo, tmp_path: Path, address: str) -> None:
    repo.git("remote", "add", "origin", address.replace("%s", str(tmp_path)))
    said = unsent(proposing.writer.patch(PATCH))
    assert "secret-word" not in said
    assert not (tmp_path / "ran").exists()


def test_no_hook_of_the_clone_runs(proposing: Hosted, repo: Repo, remote: Path, tmp_path: Path) -> None:
    for name in ("pre-push", "reference-transaction", "post-update"):
        hook = repo.folder / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
        hook.chmod(0o755)
    repo.git("config", "push.gpgSign", "true")
    repo.git("config", "remote.pushDefault", "elsewhere")
    assert proposing.writer.patch(PATCH).status == 202
    assert not (tmp_path / "ran").exists()


def test_a_dry_run_leaves_no_branch(proposing: Hosted, repo: Repo, remote: Path) -> None:
    answer = proposing.writer.ask("PATCH", f"{AGENT}?dry_run=true", PATCH, {"if-match": proposing.writer.tag()})
    assert (answer.status, answer.body["branch"]) == (200, None)
    assert repo.git("branch", "--list", "agentconf/*") == ""
