"""What stands beside the package for others to use: the action, the hook, and the pages about them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support import REPOSITORY

PAGE = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
    return loaded


def example(holding: str) -> str:
    """The one YAML block of the page that holds a text."""
    blocks: list[str] = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if holding in block]
    return found


def test_no_input_is_part_of_a_scripts_text() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "uses" not in step


def test_every_input_has_its_line_in_the_page_and_reaches_a_script() -> None:
    inputs = action()["inputs"].keys()
    table = PAGE.partition("| input |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \| ", table, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)} == inputs
    steps = action()["runs"]["steps"]
    given = {value for step in steps for value in step["env"].values()}
    assert {f"${{{{ inputs.{name} }}}}" for name in inputs - {"comment"}} <= given
    assert "inputs.comment == 'true'" in steps[-1]["if"]


def test_the_token_is_in_the_last_step_alone_and_reads_as_the_workflows_own() -> None:
    holding = [step["name"] for step in action()["runs"]["steps"] if "inputs.token" in str(step)]
    assert holding == ["Comment"]
    assert action()["inputs"]["token"]["default"] == "${{ github.token }}"


@pytest.mark.parametrize("workflow", ["docs", "ours"])
def test_a_workflow_that_comments_may_do_nothing_else(workflow: str) -> None:
    ours = (REPOSITORY / ".github" / "workflows" / "config.yml").read_text(encoding="utf-8")
    loaded = yaml.safe_load(ours if workflow == "ours" else example("comment:"))
    (job,) = loaded["jobs"].values()
    assert loaded["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    checkout = job["steps"][0]["with"]
    assert checkout == {"fetch-depth": 0, "persist-credentials": False}
    assert job["steps"][-1]["with"]["comment"] == "true"


@pytest.mark.parametrize("said", [{"STRICT": "True"}, {"STRICT": ""}, {"SUMMARY": "no"}])
def test_what_is_neither_true_nor_false_does_not_leave_a_gate_open(tmp_path: Path, said: dict[str, str]) -> None:
    variables = {"PATH": os.environ["PATH"], "STRICT": "false", "SUMMARY": "true", "FOLDER": str(tmp_path), **said}
    script = REPOSITORY / "scripts" / "action" / "validate.sh"
    done = subprocess.run([str(script)], env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    (name,) = said
    assert done.stdout == f"::error title=agentconf::the input '{name.lower()}' is neither true nor false\n"


def test_the_dependencies_that_the_action_installs_are_those_of_development() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (REPOSITORY / "requirements" / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))

    assert pins("action.txt").items() <= pins("dev.txt").items()
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[<>=]", line)[0].lower().replace(".", "-") for line in project["dependencies"]}
    assert needed | {"hatchling"} <= pins("action.txt").keys()


@pytest.mark.parametrize("holding", ["codequality:", "CI_MERGE_REQUEST_DIFF_BASE_SHA"])
def test_gitlabs_schema_accepts_the_example(tmp_path: Path, holding: str) -> None:
    (tmp_path / "ci.yml").write_text(example(holding), encoding="utf-8")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform"]
    done = subprocess.run(
        [*command, "gitlab-ci", str(tmp_path / "ci.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_of_the_example_is_one_of_ours_and_looks_at_the_tree() -> None:
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(example("rev:"))["repos"][0]["hooks"][0]["id"] == hook["id"] == "agentconf-validate"
    files = re.compile(hook["files"])
    seen = ("agents.d/a.yaml", "below/agents.d/x/a.md", "schema/metadata.schema.json")
    assert all(files.search(path) for path in seen)
    assert not any(files.search(path) for path in ("README.md", "myagents.d/a.yaml", "schema/agent.schema.json"))
