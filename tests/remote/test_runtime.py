"""With a client of the runtime on top, a remote service works as a local one does: the server's keys, never its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agentconf.errors import SecretUnavailable
from agentconf.runtime import AgentClient, Options
from agentconf.server.access.caller import Scope
from examples.loopback_provider import LoopbackProvider
from tests.live.support import put, wait_for
from tests.remote.conftest import Dial
from tests.runtime.ways import WAYS, call, tree
from tests.server.support import token_in
from tests.support import REPOSITORY

KEY = "the-key-of-the-server"


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    with LoopbackProvider() as running:
        yield running


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "agents.d"


def planted(root: Path, url: str, **agents: Any) -> None:
    put(root, {f"{name}.yaml": json.dumps(said) for name, said in tree(url, agents).items()})


@contextmanager
def served(root: Path, *options: str) -> Iterator[str]:
    """`agentconf serve` as people start it, in a process that has the key; its address."""
    words = [sys.executable, "-m", "agentconf", "serve", str(root), "--port", "0", "--no-last-good", *options]
    variables = {**os.environ, "THE_KEY": KEY}
    with subprocess.Popen(
        words, cwd=REPOSITORY, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            found = re.search(r"http://[0-9.:]+[0-9]", line)
            assert found, line
            yield found[0]
        finally:
            process.terminate()


@pytest.mark.parametrize("way", WAYS)
def test_a_call_is_made_with_the_servers_key(
    root: Path, tmp_path: Path, dial: Dial, provider: LoopbackProvider, way: str
) -> None:
    planted(root, provider.url, a={"instructions": "Be brief.", "llm": {"model": "p/gpt-4.1", "temperature": 0.0}})
    tokens = tmp_path / "tokens.json"
    token = token_in(tokens, "service", Scope.READ, Scope.SECRETS)
    with served(root, "--tokens", str(tokens)) as url:
        conf = dial(url, token=token)
        with AgentClient(conf, options=Options(usage=None)) as client:
            heard = call(client, way, "a")
            assert heard.asked["key_end"] == KEY[-4:]
            assert (heard.asked["model"], heard.asked["system"]) == ("gpt-4.1", "Be brief.")
            assert heard.answer.digest == conf.snapshot.digests["a"]
            planted(root, provider.url, a={"llm": {"model": "p/gpt-4o"}})
            wait_for(lambda: conf["a"].llm.model == "p/gpt-4o", "the change")
            assert call(client, way, "a").asked["model"] == "gpt-4o"
    assert "THE_KEY" not in os.environ


def test_a_token_without_the_scope_gets_no_key(
    root: Path, tmp_path: Path, dial: Dial, provider: LoopbackProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", "the-clients-own")
    planted(root, provider.url, a={"llm": {"model": "p/gpt-4.1"}})
    tokens = tmp_path / "tokens.json"
    token = token_in(tokens, "reader", Scope.READ)
    with served(root, "--tokens", str(tokens)) as url:
        refused = pytest.raises(SecretUnavailable, match=r"refuses the token \(403\): it lacks the scope 'secrets'")
        with AgentClient(dial(url, token=token), options=Options(usage=None)) as client, refused:
            client.complete("a", "hi")
        with AgentClient(dial(url, token=token, secrets="local"), options=Options(usage=None)) as client:
            assert call(client, "complete", "a").asked["key_end"] == "-own"
    assert all("the-key-of" not in str(one) for one in provider.requests)
