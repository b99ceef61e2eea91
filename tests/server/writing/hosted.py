"""A real server over a real clone, and writers that speak HTTP to it."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import agentconf
from agentconf.server.access.caller import Owner, Scope
from agentconf.server.access.making import new_token
from agentconf.server.app import create_app
from agentconf.server.options import Options
from agentconf.server.run import Server, bind, config_of
from agentconf.server.serving import Serving

AGENT = "/api/agents/a"
FILE = """\
# The agent that answers first.
name: First   # for people
owner: support@example.com

llm:
  model: openai/gpt-4.1   # the large one
  temperature: 0.2
  # how long an answer may be
  max_tokens: 2000

tags: [support, first]
"""
TREE = {
    "agents.d/_defaults.yaml": "description: An agent.\n",
    "agents.d/a.yaml": FILE,
    "agents.d/b.yaml": "owner: team@example.com\nllm: {model: openai/gpt-4.1-mini}\n",
    "agents.d/trading/trader.yaml": "owner: team@example.com\nllm: {model: openai/gpt-4.1-mini}\n",
    "README.md": "Agents.\n",
}


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def detail(self) -> str:
        return str(self.body["detail"])


@dataclass(frozen=True)
class Client:
    """One writer. Each request has a connection of its own."""

    port: int
    token: str | None = None

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        sent = {"content-type": kind, **({"authorization": f"Bearer {self.token}"} if self.token else {})}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=50)
        try:
            connection.request(method, path, data, sent | dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(text or b"null"))
        finally:
            connection.close()

    def tag(self, path: str = AGENT) -> str:
        """The ETag that a write of an agent must name."""
        answer = self.ask("GET", f"{path}/document")
        assert answer.status == 200, answer
        return answer.headers["etag"]

    def write(self, method: str, body: object = None, path: str = AGENT) -> Answer:
        """A write of the file as it is now."""
        return self.ask(method, path, body, {"if-match": self.tag(path.partition("?")[0])})

    def patch(self, patch: object, path: str = AGENT) -> Answer:
        return self.write("PATCH", patch, path)


@dataclass(frozen=True)
class Hosted:
    """A server that runs: its tree, and tokens by their scopes."""

    port: int
    tokens: Mapping[str, str]

    @property
    def writer(self) -> Client:
        return Client(self.port, self.tokens["write"])

    @property
    def reader(self) -> Client:
        return Client(self.port, self.tokens["read"])

    @property
    def anybody(self) -> Client:
        return Client(self.port)


@contextmanager
def hosted(tree: Path, scratch: Path, writes: str = "commit", environment: str | None = None) -> Iterator[Hosted]:
    """A server on a free port of this machine, as long as the block runs."""
    file = str(scratch / "tokens.json")
    owner = Owner("Ada Lovelace", "ada@example.com")
    scopes = {"read": {Scope.READ}, "write": {Scope.READ, Scope.WRITE}}
    if not (scratch / "tokens.json").exists():
        for name, has in scopes.items():
            (scratch / name).write_text(new_token(file, name, frozenset(has), owner)[1])
    tokens = {name: (scratch / name).read_text() for name in scopes}
    listening = bind("127.0.0.1", 0)
    with agentconf.watch(tree, environment=environment, last_good=None, settle=0.05) as watching:
        serving = Serving(watching, str(tree))
        options = Options(tokens=file, writes=writes)
        server = Server(config_of(create_app(serving, options), options), serving)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        until(lambda: server.started)
        try:
            yield Hosted(listening.getsockname()[1], tokens)
        finally:
            server.should_exit = True
            thread.join(30)
            listening.close()


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits for a condition."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it never came to that"
        threading.Event().wait(0.005)
