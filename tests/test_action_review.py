"""The action's review of a change: the summary, the outputs and the gate, on real repositories."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentconf.report.review.markdown import MARK
from tests.source.git.repositories import AGENT, ENVIRONMENT, Repo, git
from tests.support import REPOSITORY

POLICY = "policies:\n  - {id: not-too-warm, require: 'agent.llm.temperature <= 1.0', message: too warm}\n"


@dataclass
class Step:
    """What the step did."""

    status: int
    said: str
    summary: str
    outputs: dict[str, str]


def review(folder: Path, room: Path, **said: str) -> Step:
    files = {name: room / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    variables = {
        **ENVIRONMENT, "ACTION": str(REPOSITORY), "TREE": "agents.d", "ENVIRONMENTS": "", "FOLDER": str(folder),
        "SUMMARY": "true", "SOURCE": "", "BASE": "", "EVENT_BASE": "", "FAIL_ON": "", "RUNNER_TEMP": str(room),
        **{name: str(file) for name, file in files.items()}, **said,
    }  # fmt: skip
    script = REPOSITORY / "scripts" / "action" / "review.py"
    done = subprocess.run(
        [sys.executable, "-I", str(script)], env=variables, capture_output=True, encoding="utf-8", check=False
    )
    assert done.stderr == ""
    lines = files["GITHUB_OUTPUT"].read_text().splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    return Step(done.returncode, done.stdout, files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"), outputs)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit("First", {"agents.d/a.yaml": AGENT, "agents.d/b.yaml": AGENT, "README.md": "Agents.\n"})
    return made


def test_a_change_is_in_the_summary_and_in_the_outputs(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit("Second", {"agents.d/a.yaml": AGENT + "limits: {budget: {usd: 10, per: day}}\n"})
    step = review(repo.folder, tmp_path, EVENT_BASE=first)
    assert step.status == 0, step.said
    assert MARK in step.summary
    assert "limits.budget" in step.summary
    assert step.outputs["agents-changed"] == "1"
    assert step.outputs["risk"] in {"high", "medium", "low", "none"}
    assert step.outputs["says-something"] == "true"
    assert Path(step.outputs["file"]).read_text(encoding="utf-8").startswith(MARK)


def test_a_change_of_no_agent_says_so(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit("Second", {"README.md": "Agents, and more.\n"})
    step = review(repo.folder, tmp_path, EVENT_BASE=first, FAIL_ON="low")
    assert (step.status, step.outputs["risk"], step.outputs["agents-changed"]) == (0, "none", "0")
    assert step.outputs["says-something"] == "false"


def test_an_input_comes_before_the_event_and_the_summary_can_be_left_alone(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Second", {"agents.d/c.yaml": AGENT})
    step = review(repo.folder, tmp_path, BASE="HEAD^1", EVENT_BASE="0" * 40, SUMMARY="false")
    assert (step.status, step.summary, step.outputs["agents-changed"]) == (0, "", "1")


def test_the_gate_fails_the_job_and_the_review_is_still_handed_on(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit("Policy", {"agents.d/_settings.yaml": POLICY})
    (repo.tree / "_settings.yaml").unlink()
    repo.commit("No policy", {"agents.d/a.yaml": AGENT.replace("}", ", temperature: 1.9}")})
    step = review(repo.folder, tmp_path, EVENT_BASE=first, FAIL_ON="high")
    assert step.status == 1
    assert "::error title=agentconf::the risk of this change is high" in step.said
    assert step.outputs["risk"] == "high"
    assert "not-too-warm" in step.summary
    assert review(repo.folder, tmp_path, EVENT_BASE=first).status == 0


def test_a_head_that_cannot_be_read_is_reviewed_as_grave(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit("Broken", {"agents.d/a.yaml": "llm: [\n"})
    step = review(repo.folder, tmp_path, EVENT_BASE=first, FAIL_ON="high")
    assert (step.status, step.outputs["risk"]) == (1, "high")


def test_a_shallow_checkout_is_a_notice_and_with_a_gate_an_error(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit("Second", {"agents.d/a.yaml": AGENT.replace("4.1", "4.1-mini")})
    git(tmp_path, "clone", "--quiet", "--depth", "1", repo.folder.as_uri(), "shallow")
    step = review(tmp_path / "shallow", tmp_path, EVENT_BASE=first)
    assert (step.status, step.outputs) == (0, {})
    assert step.said.startswith("::notice title=agentconf::the change is not reviewed")
    assert "fetch-depth: 0" in step.said
    assert "fetch-depth: 0" in step.summary
    step = review(tmp_path / "shallow", tmp_path, EVENT_BASE=first, FAIL_ON="high")
    assert step.status == 1
    assert step.said.startswith("::error title=agentconf::")


def test_a_risk_that_is_none_has_nothing_to_do_with_the_checkout(repo: Repo, tmp_path: Path) -> None:
    step = review(repo.folder, tmp_path, BASE="HEAD", FAIL_ON="hihg")
    assert step.status == 1
    assert "'hihg' is not one of" in step.said
    assert "fetch-depth" not in step.said


@pytest.mark.parametrize("base", ["--output=x", "-e", "a..b", "no\n::error::such", "$(touch was-run)", ""])
def test_a_base_that_is_no_commit_is_said_on_one_line(repo: Repo, tmp_path: Path, base: str) -> None:
    before = sorted(repo.folder.iterdir())
    step = review(repo.folder, tmp_path, BASE=base)
    if base:
        assert step.status == 0
        assert len(step.said.splitlines()) == 1
        assert step.said.startswith("::notice title=agentconf::")
    assert sorted(repo.folder.iterdir()) == before


def test_a_folder_that_is_not_there_is_said(repo: Repo, tmp_path: Path) -> None:
    step = review(tmp_path / "nowhere", tmp_path, BASE="HEAD")
    assert "no such file or directory" in step.said
    assert step.status == 0


def test_a_tree_that_is_not_there_has_nothing_to_do_with_the_checkout(repo: Repo, tmp_path: Path) -> None:
    step = review(repo.folder, tmp_path, BASE="HEAD", TREE="bots")
    assert "there is no folder 'bots' in commit" in step.said
    assert "fetch-depth" not in step.said


def test_no_line_of_the_tree_reaches_the_log(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.commit("Hostile", {"agents.d/a.yaml": AGENT + 'instructions: "x\\n::error::forged\\n"\n'})
    step = review(repo.folder, tmp_path, EVENT_BASE=first)
    assert step.status == 0
    assert "forged" not in step.said
    assert "forged" in step.summary
