"""What is skipped on a laptop fails in CI: a missing service must not pass for a passing test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import support
from tests.support import needs_program, needs_service


def test_without_its_service_a_test_is_skipped_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(support, "SERVICES", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="ajv is not installed; run make services"):
        needs_service("ajv")


def test_in_ci_it_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(support, "SERVICES", tmp_path)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="ajv is not installed; run make services"):
        needs_service("ajv")


def test_a_program_of_the_proofs_is_skipped_by_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed; run make proof"):
        needs_program("no-such-program")
