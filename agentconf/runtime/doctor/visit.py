"""One look at an address: does it answer, does it take the key, and which models does it list?"""

from __future__ import annotations

import json
import socket
import ssl
import time
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from agentconf.runtime.doctor.listing import Listing
from agentconf.runtime.doctor.outcome import NOTHING, OK, Outcome, failed, unknown

_LIMIT_BYTES: Final = 8 << 20
_AT_ONCE: Final = 64 << 10
_NO_LIST: Final = unknown("it does not list its models")
_UNREADABLE: Final = unknown("what it lists cannot be read")


@dataclass(frozen=True, slots=True)
class Visit:
    """`reached` says whether the address answers, `let_in` how it took the request; `models` None lists none."""

    reached: Outcome
    let_in: Outcome
    models: frozenset[str] | None = None
    is_whole: bool = True
    """Whether every model is listed."""


def visit(listing: Listing, timeout_s: float) -> Visit:
    """What an address answers within so many seconds. Nothing of what it says is repeated but the names of models."""
    try:
        status, data = _asked(listing, timeout_s)
    except Exception as error:  # noqa: BLE001  # whatever it is, its traceback would hold the headers
        return Visit(failed(_why(error, timeout_s)), NOTHING)
    if 300 <= status < 400:
        reason = failed(f"it leads to another address ({status}); write that one")
        return Visit(reason, NOTHING)
    if status >= 500 and status != 501:
        return Visit(failed(f"it answers with an error of its own ({status})"), NOTHING)
    if not listing.is_list:
        return Visit(OK, _NO_LIST)
    return _read(status, data)


def _read(status: int, data: bytes) -> Visit:
    if status == 401:
        return Visit(OK, failed("the key is refused (401)"))
    if status == 403:
        return Visit(OK, failed("the key may not list models (403)"))
    if status == 429:
        return Visit(OK, unknown("too many requests for now (429)"))
    if status != 200:
        return Visit(OK, _NO_LIST)
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return Visit(OK, _UNREADABLE)
    models = _names(said)
    return Visit(OK, OK, models, not said.get("has_more")) if models is not None else Visit(OK, _UNREADABLE)


def _names(said: Any) -> frozenset[str] | None:
    listed = said.get("data") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        return None
    names = (one.get("id") for one in listed if isinstance(one, dict))
    return frozenset(name for name in names if isinstance(name, str))


def _asked(listing: Listing, timeout_s: float) -> tuple[int, bytes]:
    """The status and what was sent with it."""
    until = time.monotonic() + timeout_s
    request = Request(listing.url, headers=dict(listing.headers))  # noqa: S310  # the format takes http and https alone
    try:
        with _opener().open(request, timeout=timeout_s) as response:
            return response.status, _body(response, until)
    except HTTPError as error:
        with error:
            return error.code, b""


def _body(response: Any, until: float) -> bytes:
    """All of it, or TimeoutError: a timeout of a socket alone holds for each piece anew."""
    data = bytearray()
    while piece := response.read1(_AT_ONCE):
        data += piece
        if len(data) > _LIMIT_BYTES:
            return b""
        if time.monotonic() > until:
            raise TimeoutError
    return bytes(data)


class _StayHere(HTTPRedirectHandler):
    """A redirection is told, not followed: a key would go along."""

    def redirect_request(self, *request: Any) -> None:
        return None


def _opener() -> OpenerDirector:
    return build_opener(_StayHere, HTTPSHandler(context=ssl.create_default_context()))


def _why(error: BaseException, timeout_s: float) -> str:
    """In our words: an error's own may repeat a header, and with it a key."""
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, BaseException) else error
    if isinstance(cause, TimeoutError):
        return f"no answer within {timeout_s:g} s"
    if isinstance(cause, socket.gaierror):
        return "there is no such host"
    if isinstance(cause, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "its certificate is not trusted here"
    if isinstance(cause, ssl.SSLError):
        return "it does not speak TLS as it should"
    if isinstance(cause, ConnectionError | HTTPException):
        return "the connection breaks before an answer"
    if isinstance(cause, OSError):
        return (cause.strerror or "it cannot be reached").lower()
    return "this address, or a header with it, cannot be sent"
