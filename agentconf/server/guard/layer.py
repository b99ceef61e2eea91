"""The one layer around all routes: pure ASGI, since it stands in the way of every request."""

from __future__ import annotations

import logging
import traceback
from math import ceil
from time import perf_counter
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from agentconf.server.access.caller import CALLER, Caller
from agentconf.server.access.gate import Gate
from agentconf.server.guard.access_log import LONGEST_PATH, AccessLog, shown_path
from agentconf.server.guard.exchange import Exchange, length_of, too_large
from agentconf.server.guard.names import Names
from agentconf.server.guard.rates import Rates
from agentconf.server.guard.tally import Tally
from agentconf.server.options import Options
from agentconf.server.problem import INTERNAL, TOO_MANY, Problem

_TICKETED: Final = frozenset(("/ws", "/api/events"))
"""Where a ticket counts."""

_log = logging.getLogger("agentconf.server")


class Guard:
    """Lets through what may pass, tells who calls, and keeps the access log."""

    def __init__(self, app: ASGIApp, gate: Gate, options: Options, log: AccessLog | None, tally: Tally) -> None:
        self._app = app
        self._gate = gate
        self._log = log
        self._tally = tally
        self._names = Names(options.hosts)
        self._rates = Rates(options.limits.requests_per_s)
        self._body_bytes = options.limits.body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        exchange = Exchange(scope, receive, send, self._body_bytes)
        caller = await self._pass(scope, exchange)
        self._tally.count(exchange.status)
        if self._log is not None:
            client = scope["client"]
            asked = (client[0] if client else "", scope.get("method", "WEBSOCKET"), scope["path"][:LONGEST_PATH])
            answered = (exchange.status, exchange.sent_bytes, perf_counter() - begun)
            self._log.request(asked, caller.token if caller else None, answered)

    async def _pass(self, scope: Scope, exchange: Exchange) -> Caller | None:
        """Who called; None where the request did not come so far."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        fault = self._fault(scope, headers)
        if fault is not None:
            await fault.response(scope, exchange.receive, exchange.send)
            return None
        caller = scope[CALLER] = self._caller(scope, headers)
        # a HEAD is a GET of which only the beginning is sent
        inner = {**scope, "method": "GET"} if scope.get("method") == "HEAD" else scope
        try:
            await self._app(inner, exchange.receive, exchange.send)
        except ClientDisconnect:
            pass  # nobody is left to be answered; or the body was too large, and that has been said
        except Exception as error:  # noqa: BLE001  # whatever it is, the client gets a sentence, and the log the place
            await self._apologise(error, scope, exchange)
        return caller

    def _fault(self, scope: Scope, headers: dict[bytes, bytes]) -> Problem | None:
        client = scope["client"]
        wait_s = self._rates.wait_s(client[0] if client else "")
        if wait_s:
            return Problem(TOO_MANY, "you ask too often; wait a little", headers={"retry-after": str(ceil(wait_s))})
        if length_of(headers) > self._body_bytes:
            return too_large()
        return self._names.fault(headers, scope.get("method", "GET"))

    def _caller(self, scope: Scope, headers: dict[bytes, bytes]) -> Caller:
        authorization = headers.get(b"authorization")
        if authorization is None and scope["path"] in _TICKETED and b"ticket=" in scope["query_string"]:
            ticket = parse_qs(scope["query_string"].decode("latin-1")).get("ticket", [""])[0]
            return self._gate.ticket_holder(ticket)
        return self._gate.caller(authorization)

    async def _apologise(self, error: Exception, scope: Scope, exchange: Exchange) -> None:
        """The log gets the kind of error and its place: its text may hold anything."""
        places = [f"{at.filename}:{at.lineno} in {at.name}" for at in traceback.extract_tb(error.__traceback__)[-3:]]
        _log.error("%s on %s, at %s", type(error).__name__, shown_path(scope["path"]), ", ".join(places))
        if exchange.status:
            return  # half an answer is out; that it does not go on is what says so
        said = "the server made a mistake; its log says where"
        await Problem(INTERNAL, said).response(scope, exchange.receive, exchange.send)
