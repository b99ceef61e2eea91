"""A server that means no good, or a network that does: the client is never worse off than without them.

Each of them is met twice: at the start, where nothing is served, and later, where the last good is served on.
"""

from __future__ import annotations

import asyncio
import copy
import gzip
import json
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import Server as WebSocketServer
from websockets.sync.server import ServerConnection, serve

from agentconf.errors import SourceUnavailable
from agentconf.remote.body import read_body
from agentconf.remote.connection import Connection
from agentconf.remote.faults import Unacceptable
from tests.live.support import stays, wait_for, wait_owner
from tests.remote.answering import Answering, Forged, forged, genuine, reply
from tests.remote.conftest import Dial
from tests.server.running import Running
from tests.server.support import Running as TlsRunning
from tests.server.test_operation import certificate

Answer = Callable[[BaseHTTPRequestHandler], None]

GOOD = Forged(forged()).document


def saying(document: Any) -> Answer:
    return lambda request: reply(request, document) if request.path.startswith("/api/snapshot") else None


def changed(**said: Any) -> dict[str, Any]:
    """A snapshot that is good but for something."""
    return {**copy.deepcopy(GOOD), **said}


def with_agent(**said: Any) -> dict[str, Any]:
    document = copy.deepcopy(GOOD)
    document["agents"][0].update(said)
    return document


def with_config(**more: Any) -> dict[str, Any]:
    """Its digests are right: only what it says is not."""
    return Forged(forged(**more)).document


DOCUMENTS: dict[str, tuple[Any, str]] = {
    "wrong digest of the tree": (changed(digest="sha256:" + "0" * 64), "digest of the snapshot is not that"),
    "wrong digest of an agent": (with_agent(config={"llm": {"model": "openai/other"}}), "not that of its config"),
    "an agent too many": (changed(agents=GOOD["agents"] * 2), "do not name, or one twice"),
    "an agent that has no digest": (changed(agents=[*GOOD["agents"], {**GOOD["agents"][0], "id": "b"}]), "do not name"),
    "an agent too few": (changed(agents=[]), "lacks agents whose digests it brings"),
    "builds upon nothing": (changed(since="sha256:" + "1" * 64), "builds upon a snapshot that this client"),
    "a newer form": (changed(format=2), "newer than 1: update agentconf here"),
    "an id that is a path": (with_agent(id="../../etc/passwd"), "'agents'"),
    "an id with a line break": (changed(digests={"a\n": "0" * 64}), "'digests'"),
    "a number for a text": (changed(run=7), "'run'"),
    "no digests": ({key: value for key, value in GOOD.items() if key != "digests"}, "'digests'"),
    "a list": ([], "not a snapshot"),
    "nothing": (None, "not a snapshot"),
    "facts about models that are none": (
        changed(etag="another", models={"own": 7}), "none that this agentconf understands"
    ),
    "a literal key": (
        with_config(providers={"openai": {"api_key": "sk-literal"}}), "none that this agentconf understands"
    ),
    "a key of the format that is none": (with_config(evil=1), "none that this agentconf understands"),
    "a temperature of the sun": (
        Forged({"a": {"llm": {"model": "openai/x", "temperature": 6000}}}).document,
        "none that this agentconf understands",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_must_not_be_served_is_refused_at_the_start(name: str, dial: Dial) -> None:
    document, why = DOCUMENTS[name]
    with Answering(saying(document)) as server, pytest.raises(SourceUnavailable, match=why):
        dial(server.url)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_must_not_be_served_does_not_replace_a_good_one(name: str, dial: Dial) -> None:
    document, _ = DOCUMENTS[name]
    with Answering(saying(GOOD)) as server:
        conf = dial(server.url)
        before = conf.snapshot
        server.answer = saying(document)
        wait_for(lambda: conf.status.state == "failing", "failing")
        assert conf.snapshot is before
        server.answer = saying(Forged(forged("openai/better")).document)
        wait_for(lambda: conf["a"].llm.model == "openai/better", "something good")
        wait_for(lambda: conf.status.state == "fresh", "fresh")


def raw(data: bytes, status: int = 200, **headers: str) -> Answer:
    return lambda request: reply(request, data, status, **headers)


def endless(request: BaseHTTPRequestHandler) -> None:
    reply(request, b'{"format":1,"x":"', content_length="")
    while True:
        request.wfile.write(b"x" * 65536)


def bomb(request: BaseHTTPRequestHandler) -> None:
    reply(request, gzip.compress(b" " * (300 << 20), 1), content_encoding="gzip")


def breaking_off(request: BaseHTTPRequestHandler) -> None:
    reply(request, b'{"format":1', content_length="100000")


def breaking_off_packed(request: BaseHTTPRequestHandler) -> None:
    reply(request, gzip.compress(json.dumps(GOOD).encode())[:-20], content_encoding="gzip")


ANSWERS: dict[str, tuple[Answer, str]] = {
    "no JSON": (raw(b"{"), "not a snapshot"),
    "not UTF-8": (raw(b'{"format":1,"run":"\xff"}'), "not a snapshot"),
    "nested": (raw(b'{"format":1,"settings":' + b'{"a":' * 100_000), "not a snapshot"),
    "a long number": (raw(b'{"format":1,"generation":' + b"9" * 100_000 + b"}"), "not a snapshot"),
    "no number": (raw(json.dumps(GOOD).replace('"generation": 1', '"generation": NaN').encode()), "not a snapshot"),
    "a web page": (raw(b"<html>", content_type="text/html"), "is no JSON"),
    "no content type": (raw(b"{}", content_type=""), "is no JSON"),
    "sends the client elsewhere": (raw(b"", 302, location="http://127.0.0.1:1/api/snapshot"), "not followed"),
    "sends the client to a file": (raw(b"", 307, location="file:///etc/passwd"), "not followed"),
    "packed otherwise": (raw(b"x", content_encoding="br"), "not asked for"),
    "not packed as it says": (raw(b"x" * 100, content_encoding="gzip"), "not packed as it says"),
    "breaks off": (breaking_off, "the connection to the server broke"),
    "breaks off, packed": (breaking_off_packed, "breaks off"),
    "without end": (endless, "larger than"),
    "a bomb": (bomb, "larger than"),
    "a mistake": (raw(b"{}", 500), "the server answers 500"),
    "nothing there": (raw(b"{}", 404), "no such address"),
    "another token": (raw(b"{}", 401), "wants a token .401.: hand it over, or set AGENTCONF_TOKEN"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_is_said_in_a_sentence_and_served_never(name: str, dial: Dial) -> None:
    answer, why = ANSWERS[name]
    with Answering(answer) as server, pytest.raises(SourceUnavailable, match=why) as error:
        dial(server.url)
    assert "\n" not in str(error.value)
    assert error.value.__cause__ is None


@pytest.mark.parametrize("name", sorted(ANSWERS.keys() - {"without end", "a bomb"}))
def test_an_answer_that_is_none_does_not_replace_a_good_one(name: str, dial: Dial) -> None:
    answer, _ = ANSWERS[name]
    with Answering(saying(GOOD)) as server:
        conf = dial(server.url)
        server.answer = answer
        wait_for(lambda: conf.status.state != "fresh", "the end of fresh")
        assert conf["a"].owner == "first"


def test_a_redirect_takes_the_token_nowhere(dial: Dial) -> None:
    with Answering(saying(GOOD)) as elsewhere:
        location = f"{elsewhere.url}/api/snapshot"
        with Answering(raw(b"", 307, location=location)) as server, pytest.raises(SourceUnavailable):
            dial(server.url, token="hidden-word")
        assert elsewhere.asked == []


def test_a_redirected_websocket_goes_nowhere(dial: Dial) -> None:
    with Answering(saying(GOOD)) as elsewhere:
        location = f"{elsewhere.url.replace('http', 'ws')}/ws"

        def answer(request: BaseHTTPRequestHandler) -> None:
            if request.path.startswith("/ws"):
                reply(request, b"", 302, location=location)
            else:
                saying(GOOD)(request)

        with Answering(answer) as server:
            conf = dial(server.url, token="hidden-word")
            wait_for(lambda: sum(path == "/ws" for path, _ in server.asked) >= 2, "two tries")
            assert conf.status.state == "fresh"
        assert elsewhere.asked == []


def test_a_proxy_is_not_told_what_goes_to_this_machine(
    root: Path, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TLS it would read the token, and the secrets."""
    with Answering(saying(GOOD)) as proxy, Running(root) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        conf = dial(server.url, token="hidden-word")
        wait_for(lambda: len(server.hub.members) == 1, "the push")
        assert conf["a"].owner == "first"
        assert proxy.asked == []


def test_a_certificate_that_nobody_vouches_for_is_said(root: Path, tmp_path: Path, dial: Dial) -> None:
    with TlsRunning(root, tls=certificate(tmp_path)) as server:
        with pytest.raises(SourceUnavailable, match="not trusted here: self-signed certificate; see SSL_CERT_FILE"):
            dial(f"https://127.0.0.1:{server.port}", token="hidden-word")
        assert server.log() == []


def test_a_server_that_wants_https_is_guessed_at(root: Path, tmp_path: Path, dial: Dial) -> None:
    running = TlsRunning(root, tls=certificate(tmp_path))
    with running as server, pytest.raises(SourceUnavailable, match=r"does it want https\?"):
        dial(f"http://127.0.0.1:{server.port}", token="hidden-word")


def test_a_bomb_takes_no_memory() -> None:
    async def arriving() -> AsyncIterator[bytes]:
        yield packed

    packed = gzip.compress(b" " * (64 << 20), 9)
    tracemalloc.start()
    try:
        with pytest.raises(Unacceptable):
            asyncio.run(read_body(arriving(), "gzip", 1 << 20))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


# -- what a server plants


PLANTED = {
    "a file": "${file:/etc/passwd}",
    "a mounted secret": "${file:/run/secrets/of-the-client}",
    "a variable": "${env:OF_THE_CLIENT}",
    "LiteLLM's spelling": "os.environ/OF_THE_CLIENT",
    "the client's own key": "${env:AGENTCONF_LLM_API_KEY}",
    "the same as LiteLLM spells it": "os.environ/AGENTCONF_LLM_API_KEY",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_reference_is_asked_back_and_never_looked_up_here(
    name: str, dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OF_THE_CLIENT", "the client's secret")
    monkeypatch.setenv("AGENTCONF_LLM_API_KEY", "the client's secret")
    provider = {"api_key": PLANTED[name], "api_base": "https://evil.example.net"}
    document = Forged(
        forged(providers={"openai": provider}), {"settings": {"secrets": {"env": ["*"], "files": ["/*"]}}}
    ).document

    def answer(request: BaseHTTPRequestHandler) -> None:
        if "/llm" in request.path:
            said = {"model": "openai/gpt-4.1", "api_base": "https://evil.example.net", "api_key": "the server's"}
            reply(request, said)
        else:
            saying(document)(request)

    with Answering(answer) as server:
        conf = dial(server.url)
        reference = conf["a"].providers["openai"].api_key
        assert reference is not None
        assert conf.snapshot.reveal is not None
        assert conf.snapshot.reveal(reference, conf["a"]).get_secret_value() == "the server's"


@contextmanager
def pushing(talk: Callable[[ServerConnection], None]) -> Iterator[str]:
    """A server whose push says what a test wants, and whose snapshot is good."""

    def answer(connection: ServerConnection, request: Any) -> Any:
        if request.path.startswith("/ws"):
            return None
        response = connection.respond(200, json.dumps(GOOD))
        response.headers["content-type"], response.headers["connection"] = "", "close"
        del response.headers["content-type"]
        response.headers["content-type"] = "application/json"
        return response

    server: WebSocketServer = serve(talk, "127.0.0.1", 0, process_request=answer, compression=None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        thread.join(timeout=5)


def flood(connection: ServerConnection) -> None:
    while True:
        connection.send(json.dumps({"type": "generation", "digest": GOOD["digest"]}))


def lie(connection: ServerConnection) -> None:
    for number in range(50):
        connection.send(json.dumps({"type": "generation", "digest": f"sha256:{number:064}"}))
    connection.recv()


def say(text: str | bytes) -> Callable[[ServerConnection], None]:
    def talk(connection: ServerConnection) -> None:
        connection.send(text)
        for _ in connection:
            pass

    return talk


TALKS: dict[str, Callable[[ServerConnection], None]] = {
    "hints without end": flood,
    "hints of what there is not": lie,
    "no JSON": say("{"),
    "bytes": say(b"\xff\xfe"),
    "a huge message": say("x" * (4 << 20)),
    "a configuration of its own": say(
        json.dumps({"type": "agent_config_changed", "agent_id": "a", "config": {"owner": "evil"}})
    ),
    "a wait of a year": say(json.dumps({"type": "generation", "digest": "sha256:" + "0" * 64, "spread_ms": 10**9})),
    "hangs up": lambda connection: connection.close(),
}


@pytest.mark.parametrize("name", TALKS)
def test_a_push_that_means_no_good_moves_nothing(name: str, dial: Dial) -> None:
    with pushing(TALKS[name]) as url:
        conf = dial(url)
        before = conf.snapshot
        stays(lambda: conf.snapshot is before, "the snapshot", 0.6)
        assert conf["a"].owner == "first"
        started = time.monotonic()
        conf.close()
        assert time.monotonic() - started < 8


def test_replayed_and_reordered_hints_lead_to_the_newest_all_the_same(root: Path, dial: Dial) -> None:
    """A hint says that there is something, never what."""
    from tests.live.support import owned, put

    with Running(root) as server:
        old = genuine(server.url)
        conf = dial(server.url)
        put(root, {"a.yaml": owned("second")})
        wait_owner(conf, "second")
        remote = conf._remote
        for digest in (old["digest"], "sha256:" + "0" * 64, old["digest"]):
            _hint(conf, digest)
            assert conf["a"].owner == "second"
        assert remote.sealed.snapshot.digest == server.watch.snapshot.digest


def _hint(conf: Connection, digest: str) -> None:
    """As if it had come by push."""
    assert conf._remote._look()
    assert digest


def test_an_old_snapshot_that_is_replayed_is_what_the_server_serves(dial: Dial) -> None:
    """After a rollback the server serves the older one, and so does the client, as a newer generation of its own."""
    newer = Forged(forged("openai/newer")).document
    with Answering(saying(newer)) as server:
        conf = dial(server.url)
        server.answer = saying(GOOD)
        wait_for(lambda: conf["a"].llm.model == "openai/gpt-4.1", "the older one")
        assert conf.snapshot.generation == 2
