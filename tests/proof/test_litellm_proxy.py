"""Calls against LiteLLM's own proxy as the provider: a server that is not ours, with its own errors and usage."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agentconf.runtime import AgentClient, Options, door
from agentconf.runtime.usage.store import UsageStore
from agentconf.testing import snapshot_of
from tests.live.support import wait_for
from tests.runtime.ways import WAYS, call, models, tree
from tests.support import REPOSITORY

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]

VERSION = "1.106.2"
HOME = REPOSITORY / "build" / "litellm-proxy"
KEY = "sk-of-the-proxy-1234"
UP_WITHIN_S = 120.0
CONFIG = """
model_list:
  - model_name: one
    litellm_params: {model: openai/one, api_key: none, mock_response: "one at your service"}
  - model_name: two
    litellm_params: {model: openai/two, api_key: none, mock_response: "two at your service"}
  - model_name: overrun
    litellm_params: {model: openai/overrun, api_key: none, mock_response: "litellm.RateLimitError"}
  - model_name: failing
    litellm_params: {model: openai/failing, api_key: none, mock_response: "litellm.InternalServerError"}
litellm_settings: {num_retries: 0}
router_settings: {num_retries: 0, disable_cooldowns: true}
general_settings: {master_key: %s}
"""


@pytest.fixture(scope="module")
def program() -> Path:
    """The proxy, in an environment of its own: it pins what agentconf does not. Installed once, in some minutes."""
    ready, program = HOME / f".ready-{VERSION}", HOME / "bin" / "litellm"
    if not ready.exists():
        done = subprocess.run([sys.executable, "-m", "venv", str(HOME)], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            done = subprocess.run([*pip, f"litellm[proxy]=={VERSION}"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(
                f"litellm[proxy]=={VERSION} cannot be installed here: {(done.stderr.splitlines() or ['?'])[-1]}"
            )
        ready.touch()
    return program


@pytest.fixture(scope="module")
def address(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a proxy that is up."""
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "config.yaml").write_text(CONFIG % KEY)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(program), "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**inherited, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}, stdout=log, stderr=log
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: _is_up(process, address, folder / "log"), "the proxy", UP_WITHIN_S)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _is_up(process: subprocess.Popen[bytes], address: str, log: Path) -> bool:
    assert process.poll() is None, log.read_text()[-3000:]
    try:
        with urllib.request.urlopen(f"{address}/health/liveliness", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(tmp_path: Path) -> UsageStore:
    return UsageStore(f"sqlite:///{tmp_path}/usage.sqlite3")


@pytest.fixture
def client(address: str, store: UsageStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[AgentClient]:
    monkeypatch.setenv("THE_KEY", KEY)
    cost = {"input_per_million": 1, "output_per_million": 10}

    def falling_back(model: str) -> dict[str, Any]:
        fallbacks = [{"model": "p/none-such"}, {"model": "p/two", "cost": cost}]
        return {"llm": {"model": f"p/{model}", "num_retries": 0, "fallbacks": fallbacks}}

    agents = {
        "well": {"llm": {"model": "p/one", "num_retries": 0, "cost": cost}},
        "overrun": falling_back("overrun"),
        "failing": falling_back("failing"),
        "alone": {"llm": {"model": "p/overrun", "num_retries": 0}},
    }
    with AgentClient(snapshot_of(tree(address, agents)), options=Options(usage=store)) as client:
        yield client


def test_an_agent_is_answered_and_its_tokens_are_known(client: AgentClient, tmp_path: Path, way: str) -> None:
    heard = call(client, way, "well", "good morning")
    assert heard.text == "one at your service"
    assert models(heard.answer) == [("p/one", None)]
    tokens = heard.answer.tokens
    assert tokens.input > 0
    assert tokens.output > 0
    assert heard.answer.cost_usd == pytest.approx((tokens.input + 10 * tokens.output) / 1e6)
    assert client.flush()
    with closing(sqlite3.connect(tmp_path / "usage.sqlite3")) as rows:
        found = rows.execute("SELECT model, attempts, error, cost_usd FROM agentconf_calls").fetchall()
    assert found == [("p/one", 1, None, pytest.approx(heard.answer.cost_usd))]


@pytest.mark.parametrize(
    ("agent", "error", "status"), [("overrun", "RateLimitError", 429), ("failing", "InternalServerError", 500)]
)
def test_the_next_model_answers(client: AgentClient, way: str, agent: str, error: str, status: int) -> None:
    heard = call(client, way, agent)
    assert heard.text == "two at your service"
    first, missing, last = heard.answer.attempts
    assert (first.error, first.status) == (error, status)
    assert missing.status in {400, 404}
    assert (last.model, last.error) == ("p/two", None)
    assert heard.answer.cost_usd is not None


def test_what_no_model_answers_is_litellms_own_error(client: AgentClient, way: str) -> None:
    with pytest.raises(door.litellm().RateLimitError) as caught:
        call(client, way, "alone")
    assert KEY not in f"{caught.value!s}{vars(caught.value)!r}"


def test_a_wrong_key_is_told_and_not_shown(client: AgentClient, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "sk-another-key-98765")
    with pytest.raises((door.litellm().AuthenticationError, door.litellm().BadRequestError)) as caught:
        call(client, way, "alone")
    assert "sk-another-key-98765" not in f"{caught.value!s}{vars(caught.value)!r}"
