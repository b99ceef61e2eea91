"""The action on a pull request, run by act against a server that stands for GitHub's API."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from agentconf.report.review.markdown import MARK
from tests.github_api import GitHub, serving
from tests.proof.test_checks import CHECKOUT, NOT_COPIED, _commit, _run
from tests.support import REPOSITORY, needs_program

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]

TOKEN = "ghs_" + "planted2" * 4
WORKFLOW = f"""
on: pull_request
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: {CHECKOUT}
      - id: agents
        uses: ./
        with: WITH
      - if: always()
        env:
          RISK: ${{{{ steps.agents.outputs.risk }}}}
          AGENTS: ${{{{ steps.agents.outputs.agents-changed }}}}
        run: echo "risk=$RISK agents=$AGENTS"
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """This repository with one commit, which is the base."""
    needs_program("act")
    folder = tmp_path / "clone"
    shutil.copytree(REPOSITORY, folder, ignore=NOT_COPIED)
    shutil.rmtree(folder / ".github")
    (folder / ".github" / "workflows").mkdir(parents=True)
    _commit(folder)
    return folder


def _act(clone: Path, github: GitHub, options: dict[str, str], base: str = "") -> tuple[int, str]:
    """One commit on top of the base, and a pull request of it."""
    base = base or _run("git", "rev-parse", "HEAD", folder=clone).stdout.strip()
    (clone / ".github" / "workflows" / "check.yml").write_text(WORKFLOW.replace("WITH", json.dumps(options)))
    agent = clone / "agents.d" / "code-assistant.yaml"
    agent.write_text(agent.read_text().replace("temperature: 0.2", "temperature: 0.3"))
    _commit(clone)
    event = clone.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "base": {"sha": base, "ref": "main"}}}))
    said = {"GITHUB_API_URL": github.address, "GITHUB_GRAPHQL_URL": f"{github.address}/graphql", "no_proxy": "*"}
    command: list[str | Path] = [needs_program("act"), "pull_request", "--platform", "ubuntu-latest=-self-hosted"]
    command += ["--eventpath", str(event), "--env", "GITHUB_REPOSITORY=acme/agents"]
    command += [word for name, value in said.items() for word in ("--env", f"{name}={value}")]
    secrets = clone.parent / "secrets"
    secrets.write_text(f"GITHUB_TOKEN={TOKEN}\n")
    command += ["--secret-file", str(secrets)]
    done = _run(*command, folder=clone, XDG_CACHE_HOME=str(clone.parent / "cache"))
    assert TOKEN not in done.stdout
    assert TOKEN not in github.command_lines
    return done.returncode, done.stdout


def test_a_pull_request_gets_one_comment_the_summary_and_the_outputs(clone: Path) -> None:
    with serving(GitHub()) as github:
        github.add("Looks good to me.", "ada")
        github.add(f"{MARK}\nof the push before\n")
        status, said = _act(clone, github, {"comment": "true"})
    assert status == 0, said
    assert github.tokens == {f"Bearer {TOKEN}"}
    assert len(github.comments) == 2
    assert "code-assistant" in github.comments[1]["body"]
    assert "agents=1" in said
    assert "Summary - ### agentconf" in said
    assert "temperature: 0.2 to 0.3" in said


def test_a_forks_token_leaves_the_summary_and_a_passing_job(clone: Path) -> None:
    with serving(GitHub(refuses={"POST": 403})) as github:
        status, said = _act(clone, github, {"comment": "true"})
    assert status == 0, said
    assert github.comments == []
    assert "this token may not comment" in said
    assert "temperature: 0.2 to 0.3" in said


def test_nothing_is_asked_of_github_unless_a_comment_is_wanted(clone: Path) -> None:
    with serving(GitHub()) as github:
        status, said = _act(clone, github, {})
    assert status == 0, said
    assert github.seen == []
    assert "agents=1" in said


@pytest.mark.parametrize(("options", "status"), [({}, 0), ({"fail-on": "high"}, 1)])
def test_a_base_that_is_not_here_fails_a_gate_alone(clone: Path, options: dict[str, str], status: int) -> None:
    with serving(GitHub()) as github:
        ended, said = _act(clone, github, {"comment": "true", **options}, base="0" * 39 + "1")
    assert ended == status, said
    assert "the change is not reviewed" in said
    assert "fetch-depth: 0" in said
    assert github.seen == []


def test_no_base_is_run_as_a_script_and_a_tree_with_errors_is_reviewed(clone: Path) -> None:
    proof = clone.parent / "was-run"
    for name in ("json.py", "subprocess.py", "agentconf.py"):
        (clone / name).write_text(f"open({str(proof)!r}, 'a').write(__file__)\n")
    with serving(GitHub()) as github:
        hostile = f"'; touch {proof}; $(touch {proof}) \" #"
        status, said = _act(clone, github, {"base": hostile, "comment": "true", "fail-on": f"$(touch {proof})"})
        assert status == 1
        assert not proof.exists()
        (clone / "agents.d" / "new.yaml").write_text("llm: {temprature: 1}\n")
        status, said = _act(clone, github, {"comment": "true"})
    assert status == 1, said
    assert "AC102" in github.comments[0]["body"]
    assert not proof.exists()
