"""OpenFeature's own SDKs read agents: Python's, and JavaScript's where `make services` has installed it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentconf.server.options import Options
from tests.server.support import Running, planted, token_in
from tests.server.test_ofrep import EXPERIMENT
from tests.support import SERVICES, needs_module, needs_package

pytestmark = pytest.mark.proof


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Running, str]]:
    tokens = tmp_path / "tokens.json"
    token = token_in(tokens, "reader")
    with Running(planted(tmp_path / "agents.d", EXPERIMENT), Options(tokens=str(tokens))) as server:
        yield server, token


def test_the_python_sdk(served: tuple[Running, str]) -> None:
    api: Any = needs_module("openfeature.api")
    provider: Any = needs_module("openfeature.contrib.provider.ofrep")
    context: Any = needs_module("openfeature.evaluation_context").EvaluationContext
    server, token = served
    url = f"http://127.0.0.1:{server.port}"
    api.set_provider_and_wait(provider.OFREPProvider(url, headers_factory=lambda: {"Authorization": f"Bearer {token}"}))
    try:
        client = api.get_client()
        details = client.get_object_details("plain", {})
        assert details.value["llm"]["model"] == "openai/gpt-4.1"
        assert (details.reason, details.variant, details.error_code) == ("STATIC", "default", None)
        assert details.flag_metadata["digest"] == server.watch.snapshot.digest
        variants = {client.get_object_details("trial", {}, context(f"user-{n}")).variant for n in range(30)}
        assert variants == {"control", "cheap", "loud"}
        missing = client.get_object_details("trial", {"mine": True})
        assert (missing.error_code, missing.value) == ("TARGETING_KEY_MISSING", {"mine": True})
        unknown = client.get_object_details("nobody", {"mine": True})
        assert (unknown.error_code, unknown.value) == ("FLAG_NOT_FOUND", {"mine": True})
    finally:
        api.shutdown()


def test_the_javascript_sdk(served: tuple[Running, str]) -> None:
    needs_package("@openfeature/ofrep-provider")
    server, token = served

    def details(*arguments: str) -> dict[str, Any]:
        command = ["node", "openfeature.mjs", f"http://127.0.0.1:{server.port}", token, *arguments]
        done = subprocess.run(command, cwd=SERVICES.parent, capture_output=True, text=True, check=True)
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    plain = details("plain")
    assert plain["value"]["llm"]["model"] == "openai/gpt-4.1"
    assert (plain["reason"], plain["variant"]) == ("STATIC", "default")
    assert plain["flagMetadata"]["digest"] == server.watch.snapshot.digest
    assert details("trial", "user-1")["reason"] == "SPLIT"
    assert details("trial")["errorCode"] == "TARGETING_KEY_MISSING"
    assert details("nobody")["errorCode"] == "FLAG_NOT_FOUND"
    assert details("nobody")["value"] == {"fallback": True}
