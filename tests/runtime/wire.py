"""A server on loopback that answers in every provider's way, and tells what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_OPENAI = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}  # fmt: skip
_ANTHROPIC = {
    "id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "hello"}], "usage": {"input_tokens": 3, "output_tokens": 1},
}  # fmt: skip
_BEDROCK = {
    "output": {"message": {"role": "assistant", "content": [{"text": "hello"}]}}, "stopReason": "end_turn",
    "usage": {"inputTokens": 3, "outputTokens": 1, "totalTokens": 4}, "metrics": {"latencyMs": 1},
}  # fmt: skip
_GEMINI = {
    "candidates": [{"content": {"role": "model", "parts": [{"text": "hello"}]}, "finishReason": "STOP", "index": 0}],
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
}
_OLLAMA = {
    "model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": "hello"},
    "response": "hello", "done": True, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 1,
}  # fmt: skip


_WAYS: dict[str, object] = {
    "/messages": _ANTHROPIC, "/converse": _BEDROCK, ":generateContent": _GEMINI, "/api/": _OLLAMA,
}  # fmt: skip


@dataclass(frozen=True)
class Sent:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Wire:
    address: str = ""
    sent: list[Sent] = field(default_factory=list)

    @property
    def last(self) -> Sent:
        return self.sent[-1]


def _answer(path: str) -> object:
    return next((answer for part, answer in _WAYS.items() if part in path), _OPENAI)


@contextmanager
def wire() -> Iterator[Wire]:
    seen = Wire()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
            seen.sent.append(Sent(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            said = json.dumps(_answer(self.path)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    seen.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
