"""A small OpenAI-compatible provider on loopback, for demos, tests and measurements. It needs nothing but Python.

    python examples/loopback_provider.py --port 0        prints its address and serves until its parent has gone

    with LoopbackProvider() as provider:                 the same in a thread of this process
        provider.tell("gpt-4.1", Behaviour(status=503, times=2))
        ...                                              api_base: provider.url

An answer is JSON text that says which model was asked, with which parameters and which key (its last characters and
a hash). What goes wrong is told for each model, or for `*`, here or by `POST /control`:

    curl ADDRESS/control -d '{"model": "gpt-4.1", "behaviours": [{"status": 429, "retry_after_s": 2, "times": 1}]}'

or stands in the name of the model itself: `openai/any;status=503` fails always. `GET /control` says what was asked.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Final, Self, TypeAlias
from urllib.parse import parse_qsl

KNOWN: Final = ("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "claude-sonnet-4-6", "mistral-small")
REMEMBERED: Final = 1000
_PARENT_LOOKED_FOR_S: Final = 0.25
_LONGEST_HEAD: Final = 1 << 16
_REASONS: Final = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
                   408: "Request Timeout", 429: "Too Many Requests", 500: "Internal Server Error",
                   503: "Service Unavailable"}  # fmt: skip
_SAID: Final = {400: "This request is invalid.", 401: "Incorrect API key provided: {key}.",
                403: "You are not allowed to do this.", 429: "Rate limit reached for {model}.",
                404: "The model `{model}` does not exist or you do not have access to it."}  # fmt: skip
_CODES: Final = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}
_WORDS: Final = re.compile(r"\s*\S+")
_NUMBERS: Final = count(1)
_CONTROLS: Final = frozenset({"reset", "model", "behaviours", "models", "keys", "is_strict"})

Steps: TypeAlias = Iterator[tuple[float, bytes | None]]
"""What is written, each after so many seconds; None ends the connection."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a model answers. As it is made without arguments, it answers well and at once."""

    delay_s: float = 0.0
    """Until the answer begins."""
    between_s: float = 0.0
    """Between two chunks of a stream; with none, they are written in one."""
    times: int | None = None
    """For how many requests; afterwards the next behaviour counts. None: for all."""
    status: int = 200
    retry_after_s: float | None = None
    is_echoing_key: bool = False
    """Whether an error repeats the whole key, as careless servers do."""
    is_broken: bool = False
    """The connection is cut instead of an answer."""
    is_garbage: bool = False
    """The answer has status 200 and is no JSON."""
    cut_after: int | None = None
    """A stream breaks off after so many tokens; with 0 before the first."""
    context_tokens: int | None = None
    """A longer prompt is refused as one that exceeds the context window."""
    text: str | None = None
    """What is answered; `{model}` stands for the name. Default: the request as JSON."""
    tokens: int | None = None
    """The answer is so many words long instead."""
    has_usage: bool = True
    prompt_tokens: int | None = None
    """Default: the words of the messages."""
    cached_tokens: int = 0
    reasoning_tokens: int = 0


WELL: Final = Behaviour()


@dataclass(frozen=True, slots=True)
class Request:
    """One request for an answer. `headers` have lower-case names; `key` is what the request authorises itself with."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def key(self) -> str:
        said = self.headers.get("authorization") or self.headers.get("api-key") or self.headers.get("x-api-key") or ""
        return said.removeprefix("Bearer ")

    def as_json(self) -> dict[str, Any]:
        """What the request asks for, in a form that tells no key."""
        body = {key: value for key, value in self.body.items() if key != "messages"}
        said = [_text_of(message) for message in self.body.get("messages", ())]
        is_system = bool(said) and self.body["messages"][0].get("role") == "system"
        return {
            **body,
            "messages": len(said),
            "system": said[0] if is_system else None,
            "last": said[-1] if said else None,
            "key_end": self.key[-4:],
            "key_sha256": hashlib.sha256(self.key.encode()).hexdigest()[:16],
        }


@dataclass
class Told:
    """What a provider was told to do and what it was asked for; shared by its connections and its owner's thread."""

    models: tuple[str, ...] = KNOWN
    is_strict: bool = False
    """Whether other models than those that are listed are refused."""
    keys: tuple[str, ...] = ()
    """The keys that are accepted; any, where there are none."""
    behaviours: dict[str, deque[Behaviour]] = field(default_factory=dict)
    requests: deque[Request] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    counted: Counter[str] = field(default_factory=Counter)
    by_model: Counter[str] = field(default_factory=Counter)
    changed: threading.Condition = field(default_factory=threading.Condition)
    waiting: int = 0
    transports: set[asyncio.Transport] = field(default_factory=set)

    def tell(self, model: str, *behaviours: Behaviour) -> None:
        self.behaviours[model] = deque(behaviours)

    def count(self, what: str, number: int = 1) -> None:
        self.counted[what] += number
        if self.waiting:
            with self.changed:
                self.changed.notify_all()

    def begin(self) -> None:
        """One more is being answered."""
        self.count("answering")
        self.counted["most_at_once"] = max(self.counted["most_at_once"], self.counted["answering"])

    def behaviour(self, model: str) -> Behaviour:
        """The one that counts for this request; each request may use one up."""
        told = self.behaviours.get(model) or self.behaviours.get("*")
        while told:
            first = told[0]
            if first.times is None:
                return first
            told.popleft()
            if first.times > 0:
                told.appendleft(replace(first, times=first.times - 1))
                return first
        return _by_name(model)

    def as_json(self) -> dict[str, Any]:
        names = ("connections", "open", "requests", "hung_up", "answering", "most_at_once")
        return {
            **{name: self.counted[name] for name in names},
            "by_model": dict(self.by_model),
            "remembered": [request.as_json() for request in self.requests],
        }

    def obey(self, said: Mapping[str, Any]) -> None:
        """What `POST /control` does. Raises TypeError and ValueError where it cannot be understood."""
        unknown = said.keys() - _CONTROLS
        if unknown:
            raise ValueError(f"unknown key {min(unknown)!r}; there are {', '.join(sorted(_CONTROLS))}")
        if said.get("reset"):
            self.reset()
        if "behaviours" in said:
            self.tell(str(said.get("model", "*")), *(Behaviour(**one) for one in said["behaviours"]))
        self.models = tuple(said.get("models", self.models))
        self.keys = tuple(said.get("keys", self.keys))
        self.is_strict = bool(said.get("is_strict", self.is_strict))

    def reset(self) -> None:
        """Forgets what was told and what was asked; open connections stay counted."""
        self.behaviours.clear()
        self.requests.clear()
        self.by_model.clear()
        self.counted = Counter({name: self.counted[name] for name in ("open", "answering")})
        self.models, self.keys, self.is_strict = KNOWN, (), False


class Connection(asyncio.Protocol):
    """One connection: requests come in one after the other, and each is answered before the next is looked at."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._received = bytearray()
        self._steps: Steps | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._told.transports.add(transport)
        self._told.count("connections")
        self._told.count("open")

    def connection_lost(self, exc: Exception | None) -> None:
        self._told.transports.discard(self._transport)
        self._told.count("open", -1)
        if self._timer is not None:
            self._timer.cancel()
            self._told.count("hung_up")
        if self._steps is not None:
            self._told.count("answering", -1)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._steps is None and not self._transport.is_closing():
            try:
                taken = _taken(self._received)
            except ValueError:
                taken = ("", "", {}, b"")
            if taken is None:
                return
            self._steps = answered(self._told, *taken)
            self._told.begin()
            self._go_on()

    def _go_on(self) -> None:
        """Writes what is due; where something is due later, it comes back then."""
        due = bytearray()
        for delay_s, data in self._steps or ():
            if delay_s:
                self._transport.write(bytes(due))
                self._timer = asyncio.get_running_loop().call_later(delay_s, self._come_back, data)
                return
            if data is None:  # what is written before still arrives
                break
            due += data
        else:
            self._steps = None
            self._told.count("answering", -1)
        self._transport.write(bytes(due))
        if self._steps is not None:
            self._transport.close()

    def _come_back(self, data: bytes | None) -> None:
        self._timer = None
        if data is None:
            self._transport.close()
            return
        self._transport.write(data)
        self._go_on()
        self.data_received(b"")


def _taken(received: bytearray) -> tuple[str, str, dict[str, str], bytes] | None:
    """The first whole request, taken off what was received: method, path, headers, body. ValueError: no HTTP."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        if len(received) > _LONGEST_HEAD:
            raise ValueError
        return None
    first, *lines = received[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    whole = end + 4 + int(headers.get("content-length", "0"))
    if len(received) < whole:
        return None
    body = bytes(received[end + 4 : whole])
    del received[:whole]
    method, path, _ = first.split(" ", 2)
    return method, path.partition("?")[0], headers, body


def answered(told: Told, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Steps:
    """The answer to one request, in the steps in which it is written; None cuts the connection."""
    try:
        if method == "POST" and path.endswith("/chat/completions"):
            yield from _completion(told, Request(path, headers, json.loads(body)))
        elif method == "GET" and path.endswith("/models"):
            yield 0, _models(told, Request(path, headers, {}))
        elif path == "/control":
            if method == "POST":
                told.obey(json.loads(body))
            yield 0, _http(200, told.as_json())
        else:
            yield 0, _error(404 if method else 400, f"Invalid URL ({method} {path})")
    except (TypeError, ValueError, AttributeError) as error:
        yield 0, _error(400, f"We could not parse your request: {error}")


def _models(told: Told, request: Request) -> bytes:
    if told.keys and request.key not in told.keys:
        return _error(401, _SAID[401].format(key=_masked(request.key)))
    listed = [{"id": name, "object": "model", "created": 0, "owned_by": "loopback"} for name in told.models]
    return _http(200, {"object": "list", "data": listed})


def _completion(told: Told, request: Request) -> Steps:
    told.requests.append(request)
    told.by_model[request.model] += 1
    told.count("requests")
    how = told.behaviour(request.model)
    prompt_tokens = sum(len(_text_of(message).split()) for message in request.body["messages"])
    if how.delay_s:
        yield how.delay_s, b""
    refusal = None if how.is_broken else _refusal(told, request, how, prompt_tokens)
    if how.is_broken:
        yield 0, None
    elif refusal is not None:
        yield 0, refusal
    elif how.is_garbage:
        yield 0, _http(200, b"<html>what is this</html>", kind="text/html")
    elif request.body.get("stream"):
        yield from _stream(request, how, prompt_tokens)
    else:
        words = _words(request, how)
        message = {"role": "assistant", "content": "".join(words)}
        answer = {"object": "chat.completion", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
        usage = {"usage": _usage(how, prompt_tokens, len(words))} if how.has_usage else {}
        yield 0, _http(200, {**_envelope(request), **answer, **usage})


def _refusal(told: Told, request: Request, how: Behaviour, prompt_tokens: int) -> bytes | None:
    if told.keys and request.key not in told.keys:
        how = replace(how, status=401)
    elif told.is_strict and request.model not in told.models:
        how = replace(how, status=404)
    elif how.context_tokens is not None and prompt_tokens > how.context_tokens:
        said = (
            f"This model's maximum context length is {how.context_tokens} tokens. However, your messages resulted in "
            f"{prompt_tokens} tokens. Please reduce the length of the messages."
        )
        return _error(400, said, "context_length_exceeded")
    if how.status < 400:
        return None
    key = request.key if how.is_echoing_key else _masked(request.key)
    said = _SAID.get(how.status, "The server had an error while processing your request.")
    if how.is_echoing_key and "{key}" not in said:
        said += " Your key was {key}."
    return _error(how.status, said.format(model=request.model, key=key), retry_after_s=how.retry_after_s)


def _stream(request: Request, how: Behaviour, prompt_tokens: int) -> Steps:
    """The chunks of an answer by server-sent events."""
    yield 0, b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    envelope = {**_envelope(request), "object": "chat.completion.chunk"}
    words = _words(request, how)
    for index, word in enumerate(words):
        if index == how.cut_after:
            yield how.between_s, None
        delta = {"content": word} if index else {"role": "assistant", "content": word}
        choice = {"index": 0, "delta": delta, "finish_reason": None}
        yield how.between_s if index else 0, _event({**envelope, "choices": [choice]})
    yield 0, _event({**envelope, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if how.has_usage and (request.body.get("stream_options") or {}).get("include_usage"):
        yield 0, _event({**envelope, "choices": [], "usage": _usage(how, prompt_tokens, len(words))})
    yield 0, b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"


def _words(request: Request, how: Behaviour) -> list[str]:
    """The answer in its tokens: here, each word is one."""
    if how.tokens is not None:
        return ["word"] + [" word"] * (how.tokens - 1)
    if how.text is not None:
        return _WORDS.findall(how.text.replace("{model}", request.model))
    return _WORDS.findall(json.dumps(request.as_json()))


def _usage(how: Behaviour, prompt_tokens: int, tokens: int) -> dict[str, Any]:
    prompt_tokens = prompt_tokens if how.prompt_tokens is None else how.prompt_tokens
    tokens += how.reasoning_tokens
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": tokens,
        "total_tokens": prompt_tokens + tokens,
        "prompt_tokens_details": {"cached_tokens": how.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": how.reasoning_tokens},
    }


def _envelope(request: Request) -> dict[str, Any]:
    return {"id": f"chatcmpl-{next(_NUMBERS)}", "created": int(time.time()), "model": request.model}


def _error(status: int, said: str, code: str | None = None, retry_after_s: float | None = None) -> bytes:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    error = {"message": said, "type": kind, "param": None, "code": code or _CODES.get(status)}
    more = "" if retry_after_s is None else f"Retry-After: {retry_after_s:g}\r\n"
    return _http(status, {"error": error}, more)


def _http(status: int, body: Mapping[str, Any] | bytes, more: str = "", kind: str = "application/json") -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    reason = _REASONS.get(status, "Error")
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{more}\r\n"
    return head.encode() + data


def _event(value: Mapping[str, Any]) -> bytes:
    data = b"data: " + json.dumps(value).encode() + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(data), data)


def _text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else " ".join(str(part.get("text", "")) for part in content)


def _masked(key: str) -> str:
    return f"****{key[-4:]}" if key else "(none)"


def _by_name(model: str) -> Behaviour:
    """`any;status=503;times=2` misbehaves as its name says."""
    said = model.partition(";")[2]
    return Behaviour(**{key: json.loads(value) for key, value in parse_qsl(said, separator=";")}) if said else WELL


class LoopbackProvider:
    """The provider in a thread of this process, from `with` to its end. `url` is its address with `/v1`."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.told = Told()
        self._host, self._port = host, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loopback provider", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        starting = listening(self.told, self._host, self._port)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *raised: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def address(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def url(self) -> str:
        return f"{self.address}/v1"

    @property
    def requests(self) -> list[Request]:
        """The last requests for an answer, oldest first."""
        return list(self.told.requests)

    def tell(self, model: str, *behaviours: Behaviour) -> None:
        """How a model answers from now on, one behaviour after the other; `*` is every model without its own."""
        self.told.tell(model, *behaviours)

    def count(self, what: str) -> int:
        """How many there are.

        `connections` that were made, are `open`, or were `hung_up` on in the middle of an answer; `requests`, those
        that are being answered (`answering`), and the `most_at_once`.
        """
        return self.told.counted[what]

    def wait_until(self, condition: Callable[[Self], bool], timeout_s: float = 10) -> None:
        """Returns when a condition on what was counted holds. Raises TimeoutError."""
        with self.told.changed:
            self.told.waiting += 1
            holds = self.told.changed.wait_for(lambda: condition(self), timeout_s)
            self.told.waiting -= 1
        if not holds:
            raise TimeoutError(f"the provider counted {dict(self.told.counted)}")

    async def _stop(self) -> None:
        self._server.close()
        while self.told.transports:
            self.told.transports.pop().abort()
        await asyncio.sleep(0)  # each is told that its connection is lost


async def listening(told: Told, host: str, port: int) -> asyncio.Server:
    return await asyncio.get_running_loop().create_server(lambda: Connection(told), host, port, backlog=1024)


async def serve(host: str, port: int, told: Told) -> None:
    """Serves until it is told to stop, or the process that started it has gone."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    parent = os.getppid()
    server = await listening(told, host, port)
    print(f"http://{host}:{server.sockets[0].getsockname()[1]}", flush=True)
    while not stopped.is_set() and os.getppid() == parent:
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), _PARENT_LOOKED_FOR_S)
    server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A small OpenAI-compatible provider on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any that is free")
    parser.add_argument("--text", help="what every model answers; {model} stands for its name")
    options = parser.parse_args()
    everyone = Told()
    everyone.tell("*", Behaviour(text=options.text))
    asyncio.run(serve(options.host, options.port, everyone))
