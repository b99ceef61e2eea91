"""Questions to the server, by HTTP: to the one address that was given, and nowhere else."""

from __future__ import annotations

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
    """One server. Safe among threads; a forked child opens connections of its own."""

    address: Address
    token: str | None = field(repr=False)
    bounds: Bounds = field(default_factory=Bounds)
    _client: tuple[int, httpx.Client] | None = field(default=None, repr=False)
    _context: SSLContext | None = field(default=None, repr=False)
    _is_closed: bool = False

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
        """Nothing is asked any more."""
        self._is_closed = True
        if self._client is not None and self._client[0] == os.getpid():
            self._client[1].close()

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
        request = self._http.build_request("GET", self.address.url + path, params=query, headers=dict(headers))
        try:
            return self._answered(request, bounds)
        except httpx.RemoteProtocolError:
            # the server closed a connection just now that nobody had used for long
            _log.debug("once more: %s", request.url.path)
        except httpx.HTTPError as error:
            raise Unreachable(_why(error)) from None
        try:
            return self._answered(request, bounds)
        except httpx.HTTPError as error:
            raise Unreachable(_why(error)) from None

    def _answered(self, request: httpx.Request, bounds: Bounds) -> bytes | None:
        if self._is_closed:
            raise Unreachable("the connection was closed")
        answer = self._http.send(request, stream=True)
        try:
            if answer.status_code == httpx.codes.NOT_MODIFIED:
                return None
            _check(answer)
            return read_body(answer.iter_raw(), answer.headers.get("content-encoding", "").lower(), bounds)
        finally:
            answer.close()

    @property
    def _http(self) -> httpx.Client:
        pid = os.getpid()
        if self._client is None or self._client[0] != pid:
            headers = {**self.headers, "accept": "application/json", "accept-encoding": "gzip"}
            verify: SSLContext | bool = self.tls or True
            direct = self.address.is_loopback  # a proxy is elsewhere, and would read the token
            client = httpx.Client(
                headers=headers, timeout=_TIMEOUT, follow_redirects=False, verify=verify, trust_env=not direct
            )
            self._client = (pid, client)
        return self._client[1]


def _denial(answer: httpx.Response) -> str:
    """What is wrong with the token, and the way out. Of the server's own words only the problem's name is believed."""
    status = answer.status_code
    if "authorization" not in answer.request.headers:
        return f"the server wants a token ({status}): hand it over, or set AGENTCONF_TOKEN"
    problem = _problem_of(answer)
    if problem == "forbidden":
        scope = "secrets" if "secrets" in answer.request.url.params else "read"
        return f"the server refuses the token ({status}): it lacks the scope '{scope}'"
    if problem == "not-private":
        return f"the server tells secrets over TLS or to its own machine alone ({status})"
    return f"the server refuses the token ({status})"


def _check(answer: httpx.Response) -> None:
    """Raises what speaks against an answer."""
    status = answer.status_code
    if answer.is_redirect or answer.has_redirect_location:
        raise Unacceptable("the server sends the client elsewhere, which is not followed")
    if status == httpx.codes.FAILED_DEPENDENCY and _problem_of(answer) == "secret-unavailable":
        raise Unacceptable("a secret of the agent has no value on the server")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise Denied(_denial(answer))
    if status == httpx.codes.NOT_FOUND:
        raise Unknown(_problem_of(answer))
    if status != httpx.codes.OK:
        raise Unreachable(f"the server answers {status}")
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Unacceptable("the answer is no JSON; is this the address of agentconf's server?")


def _problem_of(answer: httpx.Response) -> str:
    """The name of a problem, from the document that says it."""
    try:
        said = mapping_of(read_body(answer.iter_raw(), answer.headers.get("content-encoding", "").lower(), _SMALL))
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
    return f"the connection to the server broke ({type(error).__name__})"
