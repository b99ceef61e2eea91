"""The reports, read by those for whom they are written."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from agentconf.cli.entry import status_of
from benchmarks.make_tree import write_tree
from tests.cli.console import in_a_process
from tests.support import REPOSITORY, needs_program, needs_service

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

BAD = sorted((REPOSITORY / "tests" / "cases" / "bad").iterdir())


def _reports(form: str, folder: Path) -> list[Path]:
    """A report of every bad case, and of this repository's own agents."""
    for number, tree in enumerate([*BAD, REPOSITORY / "agents.d"]):
        report = str(folder / f"{number}.{form}")
        assert status_of(["validate", str(tree), "--no-cache", "--format", form, "--output", report]) in {0, 1}
    return sorted(folder.glob(f"*.{form}"))


def test_microsofts_validator_has_nothing_against_the_sarif(tmp_path: Path) -> None:
    multitool = needs_service("sarif-multitool")
    reports = _reports("sarif", tmp_path)
    assert len(reports) > len(BAD)
    done = subprocess.run([str(multitool), "validate", *map(str, reports)], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr  # it ends well, whatever it finds
    assert f"{len(reports)} files scanned" in said
    assert [line for line in said.splitlines() if "error" in line.lower()] == []


def test_junitparser_reads_the_junit(tmp_path: Path) -> None:
    program = needs_program("junitparser")
    for report in _reports("junit", tmp_path):
        command = [str(program), "verify", str(report)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        assert done.returncode == (b"<failure" in report.read_bytes())


def test_ten_thousand_findings_fit_into_what_code_scanning_takes(tmp_path: Path) -> None:
    multitool = needs_service("sarif-multitool")
    write_tree(tmp_path / "agents.d", 10_000, bad=1.0)
    outcome = in_a_process("validate", "--no-cache", "--format", "sarif", "--output", "all.sarif", folder=tmp_path)
    assert outcome.status == 1
    report = (tmp_path / "all.sarif").read_bytes()
    assert 8_000 <= len(json.loads(report)["runs"][0]["results"]) <= 25_000
    assert len(gzip.compress(report)) < 10_000_000
    command = [str(multitool), "validate", str(tmp_path / "all.sarif")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert [line for line in done.stdout.splitlines() if "error" in line.lower()] == []
