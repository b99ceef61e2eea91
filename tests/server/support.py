"""What the tests of the server share: a real server on loopback, with a client, and bytes on a bare connection."""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from agentconf.live.watch import Watch, watch
from agentconf.server.access.caller import Owner, Scope
from agentconf.server.access.making import new_token
from agentconf.server.app import create_app
from agentconf.server.guard.access_log import AccessLog
from agentconf.server.options import Options
from agentconf.server.run import Server, Tls, bind, config_of
from agentconf.server.serving import Serving
from tests.live.support import put, wait_for

ADA = Owner("Ada Lovelace", "ada@example.net")

TREE: Mapping[str, str] = {
    "_settings.yaml": "default_agent: writer\nsecrets: {env: [SERVER_TEST_*]}\n",
    "_defaults.yaml": (
        "llm: {temperature: 0.3}\n"
        "providers:\n  openai: {api_key: '${env:SERVER_TEST_KEY}', extra_headers: {X-Team: search}}\n"
        "  mistral: {api_key: '${env:SERVER_TEST_OTHER}'}\n"
    ),
    "writer.yaml": (
        "name: Writer\nowner: docs@example.net\ntags: [docs, eu]\n"
        "llm: {model: openai/gpt-4.1, fallbacks: [{model: mistral/mistral-large-latest}]}\n"
    ),
    "coder.yaml": "owner: dev@example.net\ntags: [code]\nllm: {model: openai/gpt-4.1-mini, temperature: 0}\n",
    "trading/trader.yaml": "owner: trade@example.net\ntags: [eu]\nllm: {model: mistral/mistral-large-latest}\n",
    "old.yaml": "owner: docs@example.net\nenabled: false\nllm: {model: openai/gpt-4.1}\n",
}


def token_in(path: Path, name: str, *scopes: Scope) -> str:
    """The text of a new token in a file of tokens."""
    return new_token(str(path), name, frozenset(scopes or (Scope.READ,)), ADA)[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Running:
    """A server on loopback, in a thread of this process. Its log is kept in memory."""

    def __init__(self, tree: Path, options: Options | None = None, tls: Tls | None = None) -> None:
        self.tree = tree
        self.options = options or Options()
        self._tls = tls
        self._log = io.StringIO()

    def __enter__(self) -> Self:
        self.watch: Watch = watch(self.tree, last_good=None, settle=0.01).start()
        self.serving = Serving(self.watch, str(self.tree))
        self.app = create_app(self.serving, self.options, AccessLog(self._log))
        listening = bind("127.0.0.1", 0)
        self.port: int = listening.getsockname()[1]
        self.server = Server(config_of(self.app, self.options, self._tls, grace_s=3), self.serving)
        self._thread = threading.Thread(target=self.server.run, args=([listening],), daemon=True)
        self._thread.start()
        wait_for(lambda: self.server.started, "the server")
        self.client = self.new_client()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.client.close()
        self.stop()
        self.watch.close()

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(timeout=15)
        assert not self._thread.is_alive(), "the server does not end"

    def new_client(self, token: str | None = None) -> httpx.Client:
        scheme = "https" if self._tls else "http"
        headers = bearer(token) if token else {}
        verify: Any = self._tls.certificate if self._tls else True
        if self._tls:
            import ssl

            verify = ssl.create_default_context(cafile=self._tls.certificate)
        return httpx.Client(base_url=f"{scheme}://127.0.0.1:{self.port}", headers=headers, verify=verify, timeout=10)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def log(self) -> list[dict[str, Any]]:
        """What the access log says by now."""
        return [json.loads(line) for line in self._log.getvalue().splitlines()]

    def logged(self, path: str) -> dict[str, Any]:
        """The first line about a path, as soon as it is there."""
        return wait_for(lambda: [one for one in self.log() if one.get("path") == path], f"{path} in the log")[0]

    # -- below HTTP

    def connection(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def said(self, data: bytes) -> bytes:
        """What the server answers to some bytes, until it closes the connection."""
        with self.connection() as connection:
            connection.sendall(data)
            return rest_of(connection)


def rest_of(connection: socket.socket) -> bytes:
    """What comes until the other side ends the connection, or cuts it off."""
    found = b""
    try:
        while data := connection.recv(1 << 16):
            found += data
    except ConnectionResetError:
        pass
    return found


def request(path: str, *headers: str, method: str = "GET") -> bytes:
    """The bytes of a request after which the connection ends."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def problem_of(answer: httpx.Response) -> str:
    """The kind of problem that an answer is about, whose form is checked by the way."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    said = answer.json()
    assert said["status"] == answer.status_code
    assert said["title"]
    assert said["detail"]
    return str(said["type"]).removeprefix("urn:agentconf:problem:")


def planted(tree: Path, files: Mapping[str, str] = TREE) -> Path:
    put(tree, files)
    return tree


def with_limits(options: Options, **limits: Any) -> Options:
    return replace(options, limits=replace(options.limits, **limits))
