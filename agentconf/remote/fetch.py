"""Questions to the server, by HTTP: to the one address that was given, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ssl import SSLCertVerificationError, SSLContext
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import httpx

from agentconf import __version__
from agentconf.remote.address import Address
from agentconf.remote.body import Bounds, read_body
from agentconf.remote.faults import Denied, Unacceptable, Unknown, Unreachable
from agentconf.remote.reading import mapping_of
from agentconf.remote.wire import Wire

AGENT: Final = f"agentconf/{__version__}"
_TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0)
_SMALL: Final = Bounds(size=1 << 20, seconds=15.0)
_SHORT: Final = 64

_log = logging.getLogger("agentconf.remote")


class Basis(NamedTuple):
    """What the client has: the digest, the mark of the facts, and the ETag."""

    digest: str
    facts: str
    etag: str


@dataclass(slots=True)
class Server:
    """One server. Safe among threads; a forked child opens connections of its own.

    Raises ValueError where the host is a name that nobody can have, as of letters that are none of a name's.
    """

    address: Address
    token: str | None = field(repr=False)
    bounds: Bounds = field(default_factory=Bounds)
    _wires: dict[int, Wire] = field(default_factory=dict, repr=False)
    """By process: a forked child has the parent's too, and leaves it alone."""
    _context: SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        try:
            str(httpx.URL(self.address.url).host)
        except (httpx.InvalidURL, UnicodeError):
            raise ValueError("the url of the server is malformed") from None

    def snapshot(self, basis: Basis | None) -> bytes | None:
        """The body of `/api/snapshot`: all of it, or what changed since. None where nothing has.

        Raises Unreachable, Denied and Unacceptable.
        """
        query = {"since": basis.digest, "facts": basis.facts} if basis else {}
        headers = {"if-none-match": f'W/"{basis.etag}"'} if basis else {}
        return self._get("/api/snapshot", query, headers, self.bounds)

    def llm(self, agent_id: str, variant: str | None = None) -> dict[str, Any]:
        """What `/api/agents/{id}/llm` says, secrets too. Raises the same, and Unknown."""
        query = {"secrets": "true", **({"variant": variant} if variant is not None else {})}
        return self._asked(f"/api/agents/{quote(agent_id, safe='')}/llm", query)

    def explain(self, agent_id: str, key: str) -> dict[str, Any]:
        """What `/api/agents/{id}/explain` says. Raises the same."""
        return self._asked(f"/api/agents/{quote(agent_id, safe='')}/explain", {"key": key})

    def close(self) -> None:
        """Nothing is asked any more, and nobody waits for an answer."""
        self._wire.close()

    @property
    def headers(self) -> dict[str, str]:
        """What shows who asks."""
        said = {"user-agent": AGENT}
        return {**said, "authorization": f"Bearer {self.token}"} if self.token else said

    @property
    def tls(self) -> SSLContext | None:
        """How certificates are checked, by HTTP and by WebSocket; None without TLS."""
        if self.address.is_tls and self._context is None:
            self._context = httpx.create_ssl_context()
        return self._context

    def _asked(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        body = self._get(path, query, {}, _SMALL)
        return mapping_of(body or b"")

    def _get(self, path: str, query: Mapping[str, str], headers: Mapping[str, str], bounds: Bounds) -> bytes | None:
        async def ask(client: httpx.AsyncClient) -> bytes | None:
            request = client.build_request("GET", self.address.url + path, params=query, headers=dict(headers))
            async with asyncio.timeout(bounds.seconds):
                return await _asked_twice(client, request, bounds)

        try:
            return self._wire.run(ask)
        except TimeoutError:
            raise Unreachable(f"the answer was not complete within {bounds.seconds:g} s") from None
        except httpx.HTTPError as error:
            raise Unreachable(_why(error)) from None

    @property
    def _wire(self) -> Wire:
        return self._wires.setdefault(os.getpid(), Wire(self._client))

    def _client(self) -> httpx.AsyncClient:
        headers = {**self.headers, "accept": "application/json", "accept-encoding": "gzip"}
        verify: SSLContext | bool = self.tls or True
        direct = self.address.is_loopback  # a proxy is elsewhere, and would read the token
        return httpx.AsyncClient(
            headers=headers, timeout=_TIMEOUT, follow_redirects=False, verify=verify, trust_env=not direct
        )


async def _asked_twice(client: httpx.AsyncClient, request: httpx.Request, bounds: Bounds) -> bytes | None:
    """Once, unless the server closed a connection just now that nobody had used for long."""
    try:
        return await _answered(client, request, bounds)
    except httpx.RemoteProtocolError:
        _log.debug("once more: %s", request.url.path)
        return await _answered(client, request, bounds)


async def _answered(client: httpx.AsyncClient, request: httpx.Request, bounds: Bounds) -> bytes | None:
    try:
        async with asyncio.timeout(bounds.begin):
            answer = await client.send(request, stream=True)
    except TimeoutError:
        raise Unreachable(f"the server did not begin to answer within {bounds.begin:g} s") from None
    try:
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        await _check(answer)
        return await _body_of(answer, bounds)
    finally:
        await answer.aclose()


async def _body_of(answer: httpx.Response, bounds: Bounds) -> bytes:
    return await read_body(answer.aiter_raw(), answer.headers.get("content-encoding", "").lower(), bounds.size)


async def _denial(answer: httpx.Response) -> str:
    """What is wrong with the token, and the way out. Of the server's own words only the problem's name is believed."""
    status = answer.status_code
    if "authorization" not in answer.request.headers:
        return f"the server wants a token ({status}): hand it over, or set AGENTCONF_TOKEN"
    problem = await _problem_of(answer)
    if problem == "forbidden":
        scope = "secrets" if "secrets" in answer.request.url.params else "read"
        return f"the server refuses the token ({status}): it lacks the scope '{scope}'"
    if problem == "not-private":
        return f"the server tells secrets over TLS or to its own machine alone ({status})"
    return f"the server refuses the token ({status})"


async def _check(answer: httpx.Response) -> None:
    """Raises what speaks against an answer."""
    status = answer.status_code
    if answer.is_redirect or answer.has_redirect_location:
        raise Unacceptable("the server sends the client elsewhere, which is not followed")
    if status == httpx.codes.FAILED_DEPENDENCY and await _problem_of(answer) == "secret-unavailable":
        raise Unacceptable("a secret of the agent has no value on the server")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise Denied(await _denial(answer))
    if status == httpx.codes.NOT_FOUND:
        raise Unknown(await _problem_of(answer))
    if status != httpx.codes.OK:
        raise Unreachable(f"the server answers {status}")
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Unacceptable("the answer is no JSON; is this the address of agentconf's server?")


async def _problem_of(answer: httpx.Response) -> str:
    """The name of a problem, from the document that says it."""
    try:
        said = mapping_of(await _body_of(answer, _SMALL))
    except (Unacceptable, Unreachable):
        return ""
    return str(said.get("type", ""))[-_SHORT:].rpartition(":")[2]


def _certificate_error(error: BaseException | None) -> SSLCertVerificationError | None:
    while error is not None and not isinstance(error, SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def _why(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "the server does not answer in time"
    if isinstance(error, httpx.ConnectError):
        untrusted = _certificate_error(error)
        if untrusted is not None:
            return f"the certificate of the server is not trusted here: {untrusted.verify_message}; see SSL_CERT_FILE"
        return "the server cannot be reached"
    is_plain = isinstance(error, httpx.RemoteProtocolError) and error.request.url.scheme == "http"
    hint = "; does it want https?" if is_plain else ""
    return f"the connection to the server broke ({type(error).__name__}){hint}"
