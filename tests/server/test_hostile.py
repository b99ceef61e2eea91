"""What a hostile client, a hostile page and a careless one try; each gets a sentence, and the server goes on."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agentconf.server.options import Options
from tests.live.support import wait_for
from tests.server.support import Running, problem_of, request, rest_of, with_limits

IMPATIENT = with_limits(Options(hosts=("conf.example.net",)), head_timeout_s=0.3, body_timeout_s=0.3,
                        write_timeout_s=0.5, connections=60, body_bytes=1000, header_bytes=4000,
                        requests_per_s=0)  # fmt: skip


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with narrow bounds."""
    from tests.server.support import planted

    with Running(planted(tmp_path_factory.mktemp("served") / "agents.d"), IMPATIENT) as server:
        yield server


def lives(running: Running) -> bool:
    with running.new_client() as client:
        return client.get("/healthz").status_code == 200


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ")[1]) if answer else 0


def kind_of(answer: bytes) -> str:
    """The kind of problem in the bytes of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, answer
    return str(json.loads(body)["type"]).rpartition(":")[2]


def is_gone(connection: socket.socket, data: bytes) -> bool:
    """Whether the other side has ended a connection on which more is said."""
    connection.settimeout(0.02)
    try:
        connection.sendall(data)
        while connection.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


# -- pages of others


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "user@localhost", "", "localhost/x",
             "[::1", "conf.example.net.evil.example", "\xff"],
)  # fmt: skip
def test_a_name_that_was_rebound_to_this_machine_gets_nothing(impatient: Running, host: str) -> None:
    answer = impatient.said(f"GET /api/agents HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1"))
    assert (status_of(answer), kind_of(answer)) == (421, "wrong-host")
    assert b"writer" not in answer


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8700", "127.0.0.1", "[::1]:8700", "conf.example.net", "Conf.Example.Net.:443",
             "10.0.0.7:80"],
)  # fmt: skip
def test_a_name_of_this_server_is_answered(impatient: Running, host: str) -> None:
    assert impatient.get("/api/agents", headers={"Host": host}).status_code == 200


def test_without_a_host_there_is_no_answer(impatient: Running) -> None:
    answer = impatient.said(b"GET /api/agents HTTP/1.0\r\n\r\n")
    assert (status_of(answer), kind_of(answer)) == (400, "invalid-request")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:3000"},
        {"Origin": "http://127.0.0.1"}, {"Origin": "file://"}, {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)  # fmt: skip
def test_a_foreign_page_gets_nothing(impatient: Running, headers: dict[str, str]) -> None:
    answer = impatient.get("/api/agents", headers=headers)
    assert (answer.status_code, problem_of(answer)) == (403, "foreign-origin")
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_an_own_page_and_a_link_are_answered(impatient: Running) -> None:
    own = {"Host": "localhost:8700", "Origin": "http://localhost:8700", "Sec-Fetch-Site": "same-origin"}
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for headers in (own, link):
        assert impatient.get("/api/agents", headers=headers).status_code == 200


def test_a_preflight_is_told_that_there_is_nothing_for_other_sites(impatient: Running) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    answer = impatient.client.options("/api/agents", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("headers", [("Origin: https://evil.example",), ("Host: evil.example",)])
def test_a_foreign_pages_websocket_is_not_opened(impatient: Running, headers: tuple[str, ...]) -> None:
    said = ["GET /ws HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *headers]  # fmt: skip
    said += [] if headers[0].startswith("Host") else ["Host: localhost"]
    answer = impatient.said("\r\n".join([*said, "", ""]).encode())
    assert status_of(answer) in {403, 421}


# -- too much


def test_a_body_that_says_it_is_too_large_is_not_waited_for(impatient: Running) -> None:
    answer = impatient.said(request("/api/tickets", "Content-Length: 5000000000", method="POST"))
    assert (status_of(answer), kind_of(answer)) == (413, "body-too-large")


def test_a_body_in_chunks_without_end_is_cut_off(impatient: Running) -> None:
    with impatient.connection() as connection:
        connection.sendall(request("/api/tickets", "Transfer-Encoding: chunked", method="POST"))
        chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        wait_for(lambda: is_gone(connection, chunk * 100), "the end of the connection")
    assert lives(impatient)


@pytest.mark.parametrize(
    "headers", [("X-Long: " + "x" * 20_000,), tuple(f"X-{number}: x" for number in range(200))], ids=["long", "many"]
)
def test_a_head_that_is_too_large_is_refused(impatient: Running, headers: tuple[str, ...]) -> None:
    answer = impatient.said(request("/healthz", *headers))
    assert (status_of(answer), kind_of(answer)) == (431, "head-too-large")


def test_an_address_that_is_too_long_is_refused(impatient: Running) -> None:
    assert status_of(impatient.said(request("/api/agents/" + "a" * 20_000))) == 431


def test_a_head_without_end_is_cut_off(impatient: Running) -> None:
    with impatient.connection() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        more = (b"X-More: " + b"x" * 400 + b"\r\n") * 100
        wait_for(lambda: is_gone(connection, more), "the end of the connection")
    assert lives(impatient)


def test_who_asks_too_often_is_told_when_to_come_back(tree: Path) -> None:
    with Running(tree, with_limits(Options(), requests_per_s=20)) as running:
        answers = [running.get("/healthz") for _ in range(60)]
        refused = next(one for one in answers if one.status_code == 429)
        assert (problem_of(refused), refused.headers["retry-after"]) == ("too-many-requests", "1")
        wait_for(lambda: running.get("/healthz").status_code == 200, "the next second")


# -- too slow


def test_a_head_that_trickles_in_is_given_up(impatient: Running) -> None:
    with impatient.connection() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        answer = rest_of(connection)
    assert (status_of(answer), kind_of(answer)) == (408, "too-slow")


def test_a_connection_that_says_nothing_is_given_up(impatient: Running) -> None:
    with impatient.connection() as connection:
        assert status_of(rest_of(connection)) == 408


def test_a_body_that_never_comes_is_given_up(impatient: Running) -> None:
    with impatient.connection() as connection:
        connection.sendall(b"POST /api/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx")
        begun = time.monotonic()
        rest_of(connection)
    assert time.monotonic() - begun < 5
    assert lives(impatient)


def test_blank_lines_do_not_keep_a_connection(impatient: Running) -> None:
    with impatient.connection() as connection:
        wait_for(lambda: is_gone(connection, b"\r\n"), "the end of the connection")
    assert lives(impatient)


def test_requests_that_run_ahead_of_their_answers_are_cut_off(impatient: Running) -> None:
    with impatient.connection() as connection:
        flood = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000
        wait_for(lambda: is_gone(connection, flood), "the end of the connection")
    assert lives(impatient)


def test_a_client_that_never_reads_is_cut_off(impatient: Running) -> None:
    state = impatient.server.server_state
    asked = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", impatient.port))
        before, count = state.total_requests, 0
        while state.total_requests >= before + count:  # as long as all that was asked is answered
            assert count < 1000, "it may go on for ever"
            with suppress(OSError):
                connection.sendall(asked)
            count += 1
            with suppress(pytest.fail.Exception):
                wait_for(lambda: state.total_requests >= before + count, "the answer", 2)  # noqa: B023  # called at once
    wait_for(lambda: not state.connections, "the end of the connection")
    assert lives(impatient)


def test_half_open_connections_are_bounded_and_go(impatient: Running) -> None:
    held = [impatient.connection() for _ in range(200)]
    try:
        bound = IMPATIENT.limits.connections
        wait_for(lambda: len(impatient.server.server_state.connections) <= bound, "connections within the bound")
        wait_for(lambda: lives(impatient), "room again")
    finally:
        for connection in held:
            connection.close()


# -- malformed


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 100,
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_http_is_refused_in_its_form(impatient: Running, data: bytes) -> None:
    answer = impatient.said(data)
    assert status_of(answer) in {400, 404}
    assert b"application/problem+json" in answer


def test_line_breaks_in_an_id_reach_no_header_and_no_log(impatient: Running) -> None:
    answer = impatient.said(request("/api/agents/a%0d%0aSet-Cookie:%20x=1%1b[31m"))
    assert status_of(answer) == 404
    assert b"\r\nset-cookie" not in answer.lower()
    assert all("\x1b" not in str(one) for one in impatient.log())


def test_a_key_in_an_address_is_not_logged(impatient: Running) -> None:
    key = "sk-proj-4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"
    impatient.get(f"/api/agents/{key}?token={key}")
    impatient.get("/api/agents/behind-it")
    impatient.logged("/api/agents/behind-it")
    assert key not in str(impatient.log())


def test_a_mistake_of_ours_is_a_sentence_and_tells_nothing(
    impatient: Running, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the secret is hunter2")

    monkeypatch.setattr("agentconf.server.answers.Answers.agent", fails)
    answer = impatient.get("/api/agents/writer")
    assert (answer.status_code, problem_of(answer)) == (500, "internal-error")
    assert "hunter2" not in answer.text
    assert "RuntimeError on /api/agents/writer" in caplog.text
    assert "hunter2" not in caplog.text
