"""Other people's programs at the server: one that asks everything, and Prometheus's own reader."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from agentconf.server.access.caller import Scope
from agentconf.server.options import Options
from tests.server.support import Running, planted, token_in, with_limits
from tests.source.git.repositories import Repo
from tests.support import needs_program

pytestmark = pytest.mark.proof

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "unsupported_method")  # fmt: skip


@pytest.mark.parametrize("writes", ["off", "propose"])
@pytest.mark.parametrize("with_token", [False, True], ids=["without a token", "with a token"])
def test_schemathesis_finds_no_mistake_and_no_answer_that_is_not_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: str, *, with_token: bool
) -> None:
    program = needs_program("schemathesis")
    monkeypatch.setenv("SERVER_TEST_KEY", "any")
    tokens = tmp_path / "tokens.json"
    token = token_in(tokens, "everything", *Scope)
    options = with_limits(Options(tokens=str(tokens), writes=writes), requests_per_s=0)
    tree = planted(tmp_path / "repo/agents.d")
    Repo(tmp_path / "repo").commit("First")
    with Running(tree, options) as running:
        command = [str(program), "run", f"http://127.0.0.1:{running.port}/openapi.json", "--checks", ",".join(CHECKS),
                   "--phases", "examples,coverage,fuzzing", "--max-examples", "50", "--max-time", "180", "--seed", "1",
                   *(["-H", f"Authorization: Bearer {token}"] if with_token else [])]  # fmt: skip
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_promtool_reads_the_metrics_without_a_complaint(tmp_path: Path) -> None:
    program = shutil.which("promtool")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("promtool is not installed; run make services")
        pytest.skip("promtool is not installed; run make services")
    with Running(planted(tmp_path / "agents.d")) as running:
        running.get("/api/agents/nobody")
        text = running.get("/metrics").text
    done = subprocess.run([program, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
