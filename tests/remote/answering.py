"""A server that answers whatever a test wants, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import httpx

from agentconf.snapshot.digest import agent_digest, tree_digest


class Answering:
    """`answer` is handed each request; it sees `path` and `headers`, and writes what it likes."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer = answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5

            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                self.close_connection = True
                with suppress(OSError):  # the client has had enough
                    outer.answer(self)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def reply(
    request: BaseHTTPRequestHandler, body: bytes | Any, status: int = 200, **headers: str
) -> None:
    """An answer; JSON unless it is bytes, or says otherwise."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request.send_response(status)
    said = {"content-type": "application/json", "content-length": str(len(data))}
    for name, value in {**said, **{key.replace("_", "-"): value for key, value in headers.items()}}.items():
        if value:
            request.send_header(name, value)
    request.end_headers()
    request.wfile.write(data)


@dataclass
class Forged:
    """A snapshot that somebody made up, whose digests are right."""

    agents: dict[str, dict[str, Any]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        digests = {name: agent_digest(config) for name, config in self.agents.items()}
        agents = [
            {"id": name, "environment": None, "file": "x.yaml", "has_api_key": True, "config": config}
            for name, config in self.agents.items()
        ]
        head = {
            "format": 1, "run": "forged", "generation": 1, "digest": tree_digest(digests, None), "since": None,
            "etag": "etag", "facts": "facts", "environment": None, "default_agent": None, "disabled": [],
            "refused": [], "takes_machine": False, "models": {"own": {}, "lock": None}, "settings": {},
            "gone": [], "digests": digests, "agents": agents,
        }  # fmt: skip
        return {**head, **self.said}


def forged(model: str = "openai/gpt-4.1", **more: Any) -> dict[str, dict[str, Any]]:
    """One agent."""
    return {"a": {"owner": "first", "llm": {"model": model}, **more}}


def genuine(url: str) -> dict[str, Any]:
    """What a real server sends."""
    said: dict[str, Any] = httpx.get(f"{url}/api/snapshot").json()
    return said
