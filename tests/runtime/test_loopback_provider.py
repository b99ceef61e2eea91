"""The provider of the demo, the tests and the measurements, looked at with Python's own client."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import pytest

from examples.loopback_provider import Behaviour, LoopbackProvider
from tests.support import REPOSITORY

SCRIPT = REPOSITORY / "examples" / "loopback_provider.py"
ASKED = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "How are you?"}]


class Client:
    """One connection, kept open."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        assert place.hostname is not None
        self.connection = HTTPConnection(place.hostname, place.port, timeout=10)

    def send(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, bytes, dict[str, str]]:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self.connection.getresponse()
        return response.status, response.read(), dict(response.headers)

    def ask(self, model: str = "gpt-4.1", key: str = "", **more: Any) -> tuple[int, Any]:
        body = {"model": model, "messages": ASKED, **more}
        status, data, _ = self.send("POST", "/v1/chat/completions", body, key)
        return status, json.loads(data)

    def stream(self, model: str = "gpt-4.1", **more: Any) -> list[Any]:
        """The events of a stream; raises IncompleteRead, with what was read, where it is cut."""
        body = {"model": model, "messages": ASKED, "stream": True, **more}
        status, data, headers = self.send("POST", "/v1/chat/completions", body)
        assert (status, headers["Content-Type"]) == (200, "text/event-stream")
        return events(data)


def events(data: bytes) -> list[Any]:
    texts = [line.removeprefix("data: ") for line in data.decode().split("\n\n") if line]
    return [text if text == "[DONE]" else json.loads(text) for text in texts]


@pytest.fixture
def client(provider: LoopbackProvider) -> Iterator[Client]:
    client = Client(provider.address)
    with closing(client.connection):
        yield client


def test_an_answer_says_what_was_asked(client: Client, provider: LoopbackProvider) -> None:
    status, answer = client.ask("gpt-4.1-mini", "sk-loopback-1234", temperature=0.5, max_tokens=7)
    said = json.loads(answer["choices"][0]["message"]["content"])
    assert (status, answer["model"]) == (200, "gpt-4.1-mini")
    assert said.pop("key_sha256")
    assert said == {"model": "gpt-4.1-mini", "temperature": 0.5, "max_tokens": 7, "messages": 2, "system": "Be short.",
                    "last": "How are you?", "key_end": "1234"}  # fmt: skip
    assert provider.requests[0].key == "sk-loopback-1234"


def test_usage_counts_words_as_tokens(client: Client, provider: LoopbackProvider) -> None:
    provider.tell("gpt-4.1", Behaviour(text="I am {model}.", cached_tokens=2, reasoning_tokens=4))
    _, answer = client.ask()
    assert answer["choices"][0]["message"]["content"] == "I am gpt-4.1."
    assert answer["usage"] == {
        "prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12, "prompt_tokens_details": {"cached_tokens": 2},
        "completion_tokens_details": {"reasoning_tokens": 4},
    }  # fmt: skip
    provider.tell("gpt-4.1", Behaviour(has_usage=False))
    assert "usage" not in client.ask()[1]


def test_a_stream_has_a_chunk_a_token_and_usage_where_it_is_asked_for(
    client: Client, provider: LoopbackProvider
) -> None:
    provider.tell("*", Behaviour(text="one two three"))
    *chunks, end = client.stream()
    assert end == "[DONE]"
    assert [chunk["choices"][0]["delta"].get("content") for chunk in chunks] == ["one", " two", " three", None]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    *_, usage, _ = client.stream(stream_options={"include_usage": True})
    assert (usage["choices"], usage["usage"]["completion_tokens"]) == ([], 3)


def test_models_are_listed_and_others_refused_where_told(client: Client, provider: LoopbackProvider) -> None:
    provider.told.models, provider.told.is_strict = ("gpt-4.1",), True
    _, listed, _ = client.send("GET", "/v1/models")
    assert [model["id"] for model in json.loads(listed)["data"]] == ["gpt-4.1"]
    assert client.ask()[0] == 200
    status, answer = client.ask("other")
    assert (status, answer["error"]["code"]) == (404, "model_not_found")


def test_a_wrong_key_is_refused_and_shown_only_by_a_careless_server(client: Client, provider: LoopbackProvider) -> None:
    provider.told.keys = ("sk-right",)
    assert client.ask(key="sk-right")[0] == 200
    status, answer = client.ask(key="sk-wrong-9876")
    assert (status, answer["error"]["message"]) == (401, "Incorrect API key provided: ****9876.")
    provider.tell("*", Behaviour(is_echoing_key=True))
    assert "sk-wrong-9876" in client.ask(key="sk-wrong-9876")[1]["error"]["message"]
    assert client.send("GET", "/v1/models", key="sk-wrong")[0] == 401


def test_errors_come_as_often_as_told_and_then_it_is_well(client: Client, provider: LoopbackProvider) -> None:
    provider.tell("gpt-4.1", Behaviour(status=503, times=2), Behaviour(status=429, retry_after_s=1.5, times=1))
    seen = [client.send("POST", "/v1/chat/completions", {"model": "gpt-4.1", "messages": ASKED}) for _ in range(4)]
    assert [status for status, _, _ in seen] == [503, 503, 429, 200]
    assert seen[2][2]["Retry-After"] == "1.5"
    assert client.ask("gpt-4o")[0] == 200


def test_a_name_can_say_what_goes_wrong(client: Client) -> None:
    assert [client.ask(name)[0] for name in ("any;status=400", "any;status=500;delay_s=0.01", "any")] == [400, 500, 200]


def test_a_context_window_is_exceeded_in_openais_words(client: Client, provider: LoopbackProvider) -> None:
    provider.tell("gpt-4.1", Behaviour(context_tokens=4))
    status, answer = client.ask()
    assert (status, answer["error"]["code"]) == (400, "context_length_exceeded")
    assert answer["error"]["message"].startswith("This model's maximum context length is 4 tokens.")


def test_a_connection_breaks_and_the_next_is_well(client: Client, provider: LoopbackProvider) -> None:
    provider.tell("gpt-4.1", Behaviour(is_broken=True, times=1))
    with pytest.raises(RemoteDisconnected):
        client.ask()
    assert client.ask()[0] == 200
    assert (provider.count("connections"), provider.count("requests")) == (2, 2)


@pytest.mark.parametrize(("after", "between_s"), [(0, 0), (2, 0), (2, 0.01)])
def test_a_stream_is_cut_after_so_many_tokens(
    client: Client, provider: LoopbackProvider, after: int, between_s: float
) -> None:
    provider.tell("gpt-4.1", Behaviour(tokens=5, cut_after=after, between_s=between_s))
    with pytest.raises(IncompleteRead) as cut:
        client.stream()
    assert len(events(cut.value.partial)) == after


def test_garbage_has_status_200(client: Client, provider: LoopbackProvider) -> None:
    provider.tell("gpt-4.1", Behaviour(is_garbage=True))
    assert client.send("POST", "/v1/chat/completions", {"model": "gpt-4.1", "messages": ASKED})[:2] == (
        200, b"<html>what is this</html>",
    )  # fmt: skip


def test_it_is_told_and_asked_over_http_too_without_showing_a_key(client: Client) -> None:
    told = {"model": "gpt-4.1", "behaviours": [{"status": 500, "times": 1}], "keys": ["sk-loopback-1234"]}
    assert client.send("POST", "/control", told)[0] == 200
    assert [client.ask(key="sk-loopback-1234")[0] for _ in range(2)] == [500, 200]
    _, data, _ = client.send("GET", "/control")
    state = json.loads(data)
    assert (state["connections"], state["open"], state["requests"], state["by_model"]) == (1, 1, 2, {"gpt-4.1": 2})
    assert state["remembered"][1]["last"] == "How are you?"
    assert b"sk-loopback-1234" not in data
    assert client.send("POST", "/control", {"reset": True})[0] == 200
    assert client.ask(key="other")[0] == 200


@pytest.mark.parametrize("body", [[], {"behaviors": []}, {"behaviours": [{"colour": "red"}]}, {"behaviours": 1}, "x"])
def test_control_that_cannot_be_understood_is_refused(client: Client, body: object) -> None:
    assert client.send("POST", "/control", body)[0] == 400
    assert client.ask()[0] == 200


def test_what_is_no_request_is_refused(client: Client, provider: LoopbackProvider) -> None:
    assert client.send("POST", "/v1/chat/completions", {"messages": 3})[0] == 400
    assert client.send("GET", "/v1/nothing")[0] == 404
    assert client.send("POST", "/v1/nothing")[0] == 404
    place = urlsplit(provider.address)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as plain:
        plain.sendall(b"nonsense\r\nContent-Length: many\r\n\r\n")
        assert plain.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_who_hangs_up_in_the_middle_of_a_stream_is_counted(client: Client, provider: LoopbackProvider) -> None:
    provider.tell("gpt-4.1", Behaviour(tokens=1000, between_s=0.01))
    body = json.dumps({"model": "gpt-4.1", "messages": ASKED, "stream": True})
    client.connection.request("POST", "/v1/chat/completions", body)
    response = client.connection.getresponse()
    assert response.read(10)
    response.close()
    client.connection.close()
    provider.wait_until(lambda one: one.count("hung_up") == 1 and one.count("answering") == 0)
    assert provider.count("open") == 0


def test_requests_that_come_together_are_answered_one_after_the_other(provider: LoopbackProvider) -> None:
    provider.tell("slow", Behaviour(delay_s=0.05, text="slow"))
    provider.tell("quick", Behaviour(text="quick"))
    sent = b""
    for model in ("slow", "quick"):
        body = json.dumps({"model": model, "messages": ASKED}).encode()
        sent += b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    place = urlsplit(provider.address)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as plain:
        plain.sendall(sent)
        received = b""
        while received.count(b"HTTP/1.1 200") < 2 or not received.endswith(b"}}}"):
            received += plain.recv(4096)
    assert 0 < received.index(b'"content": "slow"') < received.index(b'"content": "quick"')


def test_two_hundred_streams_at_once(provider: LoopbackProvider) -> None:
    provider.tell("*", Behaviour(tokens=20, between_s=0.005))
    body = json.dumps({"model": "gpt-4.1", "messages": ASKED, "stream": True}).encode()
    place = urlsplit(provider.address)

    async def one() -> bytes:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        data = await reader.readuntil(b"[DONE]")
        writer.close()
        await writer.wait_closed()
        return data

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*(one() for _ in range(200)))

    assert {data.count(b'"content"') for data in asyncio.run(all_of_them())} == {20}
    assert provider.count("requests") == provider.count("most_at_once") == 200
    assert provider.count("answering") == 0


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_program_prints_its_address_and_stops_when_it_is_told() -> None:
    with started(sys.executable, str(SCRIPT), "--port", "0") as process:
        assert process.stdout is not None
        client = Client(process.stdout.readline().strip())
        with closing(client.connection):
            assert client.ask()[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_program_stops_when_its_parent_has_gone() -> None:
    starting = f"{sys.executable} {SCRIPT} & read line"
    process = subprocess.Popen(["sh", "-c", starting], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.kill()
    process.wait()
    rest = process.stdout.read()  # ends when the last process that holds it has ended
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    assert rest == ""
