"""Where checks run: the action by act, the hook by pre-commit, the workflows under the eyes of actionlint."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentconf.cli.address import ADDRESS
from agentconf.cli.entry import status_of
from tests.support import REPOSITORY, needs_program

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]

CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd"
ACTION = f"""
on: push
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
          ERRORS: ${{{{ steps.agents.outputs.errors }}}}
          WARNINGS: ${{{{ steps.agents.outputs.warnings }}}}
          SARIF: ${{{{ steps.agents.outputs.sarif }}}}
        run: |
          echo "errors=$ERRORS warnings=$WARNINGS"
          test -z "$SARIF" || cp "$SARIF" KEPT
"""
MADE_HERE = (".git", ".venv", "node_modules", "build", "dist", ".*_cache", "__pycache__", ".hypothesis")
NOT_COPIED = shutil.ignore_patterns(*MADE_HERE)


def _run(*command: str | Path, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    said = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTCONF_", "GIT"))}
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.run(
        [str(word) for word in command], cwd=folder, env=said | {"PATH": programs} | variables,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


def _commit(folder: Path) -> None:
    for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "all of it")):
        done = _run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", *words, folder=folder)
        assert done.returncode == 0, done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """This repository as it stands, with a workflow that uses its action."""
    needs_program("act")
    folder = tmp_path / "clone"
    shutil.copytree(REPOSITORY, folder, ignore=NOT_COPIED)
    shutil.rmtree(folder / ".github")
    (folder / ".github" / "workflows").mkdir(parents=True)
    return folder


def _act(clone: Path, options: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs the action with some inputs, on this machine; the workflow copies the SARIF report out, if there is one."""
    kept = clone.parent / "kept.sarif"
    workflow = ACTION.replace("WITH", json.dumps(options)).replace("KEPT", str(kept))
    (clone / ".github" / "workflows" / "check.yml").write_text(workflow)
    _commit(clone)
    command = (needs_program("act"), "push", "--platform", "ubuntu-latest=-self-hosted")
    return _run(*command, folder=clone, XDG_CACHE_HOME=str(clone.parent / "cache"))


def test_the_action_annotates_a_mistake_and_fails_the_job(clone: Path) -> None:
    agent = clone / "agents.d" / "code-assistant.yaml"
    agent.write_text(agent.read_text().replace("temperature:", "temprature:"))
    done = _act(clone, {"sarif": "reports/found.sarif", "junit": "reports/found.xml"})
    assert done.returncode == 1, done.stdout
    place = r"file=agents\.d/code-assistant\.yaml,line=\d+,col=3,endLine=\d+,endColumn=13"
    assert re.search(rf"::error {place},title=AC102 unknown-key::agents\.d/code-assistant\.yaml:", done.stdout)
    assert "Summary - ### agentconf" in done.stdout
    assert "errors=1 warnings=" in done.stdout
    report = json.loads((clone.parent / "kept.sarif").read_text())
    (result,) = [one for one in report["runs"][0]["results"] if one["ruleId"] == "AC102"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "agents.d/code-assistant.yaml"


def test_the_action_passes_where_nothing_is_wrong_and_names_files_from_the_workspace(clone: Path) -> None:
    (clone / "below").mkdir()
    (clone / "agents.d").rename(clone / "below" / "agents.d")
    (clone / "below" / "agents.d" / "new.yaml").write_text("delegates: [new]\nllm: {model: local/house-chat}\n")
    done = _act(clone, {"working-directory": "below", "environment": "dev prod"})
    assert done.returncode == 0, done.stdout
    assert "17 agents in dev, prod: 0 errors" in done.stdout


def test_no_input_is_run_as_a_script_and_no_file_of_the_repository_is_run(clone: Path) -> None:
    proof = clone.parent / "was-run"
    for name in ("pip.py", "venv.py", "agentconf.py", "json.py"):
        (clone / name).write_text(f"open({str(proof)!r}, 'a').write(__file__)\n")
    hostile = f"'; touch {proof}; $(touch {proof}) `touch {proof}` \"; touch {proof} #"
    done = _act(clone, {"path": hostile, "environment": "$(touch${IFS}" + str(proof) + ")", "sarif": hostile})
    assert done.returncode == 1
    assert "agentconf: " in done.stdout
    assert not proof.exists()


def test_pre_commit_runs_the_hook_of_this_repository(tmp_path: Path) -> None:
    needs_program("pre-commit")
    shutil.copytree(REPOSITORY, tmp_path / "published", ignore=NOT_COPIED)
    _commit(tmp_path / "published")
    folder = tmp_path / "agents"
    assert status_of(["init", str(folder)]) == 0
    _commit(folder)
    command = ("pre-commit", "try-repo", tmp_path / "published", "agentconf-validate", "--all-files", "--verbose")
    done = _run(*command, folder=folder, PRE_COMMIT_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stdout
    assert "2 agents in dev, prod: 0 errors" in done.stdout
    (folder / "agents.d" / "assistant.yaml").write_text("llm: {temprature: 1}\n")
    done = _run(*command, folder=folder, PRE_COMMIT_HOME=str(tmp_path / "home"))
    assert done.returncode == 1
    assert "did you mean 'temperature'?" in done.stdout


def test_the_pre_commit_file_that_init_writes_works_once_it_has_an_address(tmp_path: Path) -> None:
    needs_program("pre-commit")
    shutil.copytree(REPOSITORY, tmp_path / "published", ignore=NOT_COPIED)
    _commit(tmp_path / "published")
    revision = _run("git", "rev-parse", "HEAD", folder=tmp_path / "published").stdout.strip()
    folder = tmp_path / "agents"
    assert status_of(["init", str(folder)]) == 0
    written = folder / ".pre-commit-config.yaml"
    address = (tmp_path / "published").as_uri()
    written.write_text(re.sub(r"rev: \S+", f"rev: {revision}", written.read_text().replace(ADDRESS, address)))
    _commit(folder)
    done = _run("pre-commit", "run", "--all-files", folder=folder, PRE_COMMIT_HOME=str(tmp_path / "home"))
    assert done.returncode == 0, done.stdout
    assert re.search(r"agentconf validate\.+Passed", done.stdout)


def test_actionlint_and_shellcheck_have_nothing_against_workflows_and_scripts(tmp_path: Path) -> None:
    actionlint, shellcheck = needs_program("actionlint"), needs_program("shellcheck")
    assert status_of(["init", str(tmp_path / "agents")]) == 0
    workflows = [*REPOSITORY.glob(".github/workflows/*.yml"), *tmp_path.glob("agents/.github/workflows/*.yml")]
    for number, example in enumerate(_examples("docs/ci.md", "jobs:")):
        workflows.append(tmp_path / f"{number}.yml")
        workflows[-1].write_text(example)
    assert len(workflows) >= 4
    done = _run(actionlint, *workflows, folder=REPOSITORY)
    assert (done.returncode, done.stdout) == (0, "")
    scripts = sorted(REPOSITORY.glob("scripts/**/*.sh"))
    done = _run(shellcheck, *scripts, REPOSITORY / ".ci" / "run", folder=REPOSITORY)
    assert (done.returncode, done.stdout) == (0, "")


def _examples(page: str, holding: str) -> list[str]:
    """The YAML of a page that is a workflow."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", (REPOSITORY / page).read_text(), re.MULTILINE | re.DOTALL)
    return [block for block in blocks if re.search(rf"^{holding}", block, re.MULTILINE)]
