"""`GET /api/agents/{id}` beside a bare FastAPI handler that answers the same bytes, interleaved.

Run it with `python -m benchmarks.server`. Each server is a process of its own, and so is each client.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

import uvloop

AGENT: Final = "strategist"
TREE: Final = Path(__file__).resolve().parent.parent / "agents.d"
_CONNECTIONS: Final = 16


# -- the two servers


def serve_ours() -> None:
    """As `agentconf serve` does, with a token, the access log and limits, none of which is reached."""
    import agentconf
    from agentconf.server import run
    from agentconf.server.access.caller import Owner, Scope
    from agentconf.server.access.making import new_token
    from agentconf.server.app import create_app
    from agentconf.server.guard.access_log import AccessLog
    from agentconf.server.options import Limits, Options
    from agentconf.server.serving import Serving

    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w", encoding="utf-8") as nowhere:
        tokens = os.path.join(folder, "tokens.json")
        _, token = new_token(tokens, "bench", frozenset({Scope.READ}), Owner("Bench", "bench@example.net"))
        options = Options(tokens=tokens, limits=Limits(requests_per_s=1_000_000))
        with agentconf.watch(TREE, environment="prod", last_good=None) as watch:
            app = create_app(Serving(watch, str(TREE)), options, AccessLog(nowhere))
            listening = run.bind("127.0.0.1", 0)
            print(json.dumps({"port": listening.getsockname()[1], "token": token}), flush=True)
            run.run(app, listening)


def serve_bare(body: Path) -> None:
    """The least that FastAPI does."""
    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import Response

    data = body.read_bytes()
    app = FastAPI()

    @app.get("/api/agents/{agent_id}")
    async def agent(agent_id: str) -> Response:
        return Response(data, media_type="application/json")

    config = uvicorn.Config(app, access_log=False, log_level="error")
    listening = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error").bind_socket()
    print(json.dumps({"port": listening.getsockname()[1], "token": ""}), flush=True)
    uvicorn.Server(config).run([listening])


class Server(NamedTuple):
    process: int
    port: int
    token: str


@contextmanager
def started(*arguments: str) -> Iterator[Server]:
    """A server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.server", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            output: IO[str] | None = process.stdout
            said = json.loads(output.readline()) if output else {}
            yield Server(process.pid, said["port"], said["token"])
        finally:
            process.terminate()


# -- the client


class Asker(asyncio.Protocol):
    """Sends the same request again and again on one connection, each when the answer to the last is whole."""

    def __init__(self, request: bytes, until: float) -> None:
        self._request = request
        self._until = until
        self._data = b""
        self._asked = 0.0
        self.took: list[float] = []
        self.body = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvloop's looks like one
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]):
            return
        assert head.startswith(b"HTTP/1.1 200"), head
        now = time.perf_counter()
        self.took.append(now - self._asked)
        self._data, self.body = b"", body
        if now < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(None)

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        self._transport.write(self._request)


async def asked(port: int, token: str, seconds: float) -> tuple[list[float], bytes]:
    """How long each request took, and the last body."""
    said = f"Authorization: Bearer {token}\r\n" if token else "X-Filler: of the same length as the token would be\r\n"
    request = f"GET /api/agents/{AGENT} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n{said}\r\n".encode()
    loop, until = asyncio.get_running_loop(), time.perf_counter() + seconds
    made = [await loop.create_connection(lambda: Asker(request, until), "127.0.0.1", port) for _ in range(_CONNECTIONS)]
    await asyncio.gather(*(asker.ended for _, asker in made))
    return [took for _, asker in made for took in asker.took], made[0][1].body


def cpu_s(process: int) -> float:
    """What a process has used of a processor."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(server: Server, seconds: float) -> dict[str, float]:
    """What a client in a process of its own measures, and what the server used for it."""
    before = cpu_s(server.process)
    command = [sys.executable, "-m", "benchmarks.server", "--ask", str(server.port), "--token", server.token]
    command += ["--seconds", str(seconds)]
    said: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {**said, "cpu_us": (cpu_s(server.process) - before) / (said["per_s"] * seconds) * 1e6}


def told(took: list[float], seconds: float) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=100)
    return {"per_s": len(took) / seconds, "p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000}


# -- the race


def race(rounds: int, seconds: float) -> None:
    """Prints what each did, and the ratio of the medians."""
    with tempfile.TemporaryDirectory() as folder, started("--serve", "ours") as server:
        body = Path(folder) / "body.json"
        body.write_bytes(uvloop.run(settled(server.port, server.token)))
        with started("--serve", "bare", "--body", str(body)) as other:
            results: dict[str, list[dict[str, float]]] = {"ours": [], "bare": []}
            for _ in range(rounds):
                results["ours"].append(measured(server, seconds))
                results["bare"].append(measured(other, seconds))
    print(f"{body.name}: {AGENT}, {rounds} rounds of {seconds:g} s, {_CONNECTIONS} connections")
    middle = {who: {key: statistics.median(one[key] for one in of) for key in of[0]} for who, of in results.items()}
    for who, said in middle.items():
        rate = f"{who}: {said['per_s']:,.0f} requests/s, {said['cpu_us']:.0f} us of a processor each"
        print(f"{rate}, p50 {said['p50_ms']:.2f} ms, p99 {said['p99_ms']:.2f} ms")
    ours, bare = middle["ours"], middle["bare"]
    print(f"requests/s: {ours['per_s'] / bare['per_s']:.2f} of bare (goal 0.8)")
    print(f"processor: {ours['cpu_us'] / bare['cpu_us']:.2f} of bare")
    print(f"p50: {ours['p50_ms'] / bare['p50_ms']:.2f} of bare (goal at most 1.25)")


async def settled(port: int, token: str) -> bytes:
    """The body, once git has said who changed the agent last."""
    while True:
        _, body = await asked(port, token, 0.05)
        if json.loads(body)["changed"] is not None:
            return body


def run() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="does it run?")
    parser.add_argument("--serve", choices=("ours", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("--body", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--token", default="", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    if given.serve == "ours":
        serve_ours()
    elif given.serve == "bare":
        serve_bare(given.body)
    elif given.ask:
        took, _ = uvloop.run(asked(given.ask, given.token, given.seconds))
        print(json.dumps(told(took, given.seconds)))
    else:
        race(*((1, 0.5) if given.quick else (given.rounds, given.seconds)))


if __name__ == "__main__":
    run()
