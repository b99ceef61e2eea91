"""GitHub's interface for the comments of one pull request, served on loopback for real requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"
COMMENTS = "/repos/acme/agents/issues/7/comments"


@dataclass
class GitHub:
    """`refuses` maps methods to statuses; `viewer` is None where GraphQL does not say. `seen` holds what was asked."""

    viewer: str | None = BOT
    comments: list[dict[str, Any]] = field(default_factory=list)
    refuses: dict[str, int] = field(default_factory=dict)
    location: str = ""
    told: str = "Resource not accessible by integration"
    address: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    command_lines: str = ""

    def add(self, body: str, login: str = BOT) -> int:
        number = len(self.comments) + 1
        self.comments.append({"id": number, "user": {"login": login}, "body": body})
        return number

    def answer(self, method: str, target: str, sent: Any) -> tuple[int, Any]:
        address = urlsplit(target)
        self.seen.append((method, target))
        if address.path == "/graphql":
            said = {"data": {"viewer": {"login": self.viewer}}}
            return (200, said) if self.viewer else (403, {"message": "no"})
        if method in self.refuses:
            return self.refuses[method], {"message": self.told}
        if method == "GET" and address.path == COMMENTS:
            asked = {name: int(one) for name, (one,) in parse_qs(address.query).items()}
            first = (asked["page"] - 1) * asked["per_page"]
            return 200, self.comments[first : first + asked["per_page"]]
        if method == "POST" and address.path == COMMENTS:
            return 201, {"id": self.add(sent["body"])}
        if method == "PATCH" and address.path.startswith("/repos/acme/agents/issues/comments/"):
            self.comments[int(address.path.rpartition("/")[2]) - 1]["body"] = sent["body"]
            return 200, {}
        return 404, {"message": "Not Found"}


@contextmanager
def serving(github: GitHub) -> Iterator[GitHub]:
    """Answers until the end of the block; what processes are called is looked at while a request is under way."""

    class Answers(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            github.command_lines += _command_lines()
            github.tokens.add(self.headers.get("Authorization", ""))
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, said = github.answer(self.command, self.path, json.loads(sent) if sent else None)
            body = json.dumps(said).encode()
            self.send_response(status)
            if github.location:
                self.send_header("Location", github.location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815

        def log_message(self, *arguments: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    github.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _command_lines() -> str:
    """What any user of this machine sees of the processes that run."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes().decode("utf-8", "replace"))
        except OSError:  # it has ended
            continue
    return "\n".join(found)
