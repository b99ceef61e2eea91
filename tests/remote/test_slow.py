"""A server that drips its answer, a byte now and then: no read ever waits for long, and the whole would without end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from agentconf.errors import SourceUnavailable
from agentconf.remote.address import address_of
from agentconf.remote.body import Bounds
from agentconf.remote.connection import Ways, connected
from tests.live.support import wait_for
from tests.remote.answering import Answering
from tests.remote.conftest import Dial
from tests.remote.test_hostile import GOOD, saying

BEGUN = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
HEAD_LATE = (Bounds(begin=0.3), "did not begin to answer within 0.3 s")
BODY_LATE = (Bounds(seconds=0.6), "not complete within 0.6 s")
DRIPS = {
    "its head": (b"HTTP/1.1 200 OK\r\nx-drip: ", b"x", *HEAD_LATE),
    "the names of its head": (b"HTTP/1.1 200 OK\r\n", b"x: x\r\n", *HEAD_LATE),
    "its body": (BEGUN + b"\r\n", b" ", *BODY_LATE),
    "its body in chunks": (BEGUN + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n", *BODY_LATE),
}
"""What a server begins with, and what it goes on with, a little now and then: each read has something."""


@contextmanager
def dripping(begun: bytes, drop: bytes) -> Iterator[tuple[Answering, threading.Event]]:
    """A server that drips until the client has gone, and what says that it did."""
    is_over, has_gone = threading.Event(), threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        if "snapshot" not in request.path:
            return
        try:
            request.wfile.write(begun)
            while not is_over.wait(0.02):
                request.wfile.write(drop)
        except OSError:
            has_gone.set()

    with Answering(answer) as server:
        yield server, has_gone
        is_over.set()


@pytest.mark.parametrize("name", DRIPS)
def test_a_server_that_drips_is_away_in_good_time(name: str, dial: Dial) -> None:
    begun, drop, bounds, why = DRIPS[name]
    with dripping(begun, drop) as (server, has_gone):
        with pytest.raises(SourceUnavailable, match=why):
            dial(server.url, bounds=bounds)
        assert has_gone.wait(10), "the client hangs up"


def test_a_server_that_drips_is_away_for_an_event_loop_too() -> None:
    async def enter(url: str) -> None:
        async with connected(address_of(url), None, None, Ways(bounds=bounds)):
            pass

    begun, drop, bounds, why = DRIPS["its head"]
    with dripping(begun, drop) as (server, _), pytest.raises(SourceUnavailable, match=why):
        asyncio.run(enter(server.url))


def test_a_server_that_begins_to_drip_is_away_and_what_it_said_is_served(dial: Dial) -> None:
    begun, drop, bounds, why = DRIPS["its head"]
    with dripping(begun, drop) as (server, _):
        drip, server.answer = server.answer, saying(GOOD)
        conf = dial(server.url, bounds=bounds)
        server.answer = drip
        wait_for(lambda: why in (conf.status.reason or ""), "what is wrong")
        assert conf.status.state == "stale"
        assert conf["a"].owner == "first"
        server.answer = saying(GOOD)
        wait_for(lambda: conf.status.state == "fresh", "fresh")


def test_nobody_waits_for_a_server_that_drips_once_the_connection_is_closed(dial: Dial) -> None:
    begun, drop, _, _ = DRIPS["its body"]
    with dripping(begun, drop) as (server, has_gone):
        drip, server.answer = server.answer, saying(GOOD)
        conf = dial(server.url)
        server.answer = drip
        asked = len(server.asked) + 1
        wait_for(lambda: any("snapshot" in path for path, _ in server.asked[asked:]), "a poll")
        conf.close()
        assert has_gone.wait(10)


LATE = """
import threading, agentconf

def late():
    threading.main_thread().join()
    with agentconf.connect("{url}", cache=None) as conf:
        print(conf["a"].owner)

threading.Thread(target=late).start()
"""


def test_a_service_whose_main_thread_has_ended_finds_a_server_by_its_name() -> None:
    """Names are looked up then too, though no executor of Python's takes anything any more."""
    with Answering(saying(GOOD)) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        done = subprocess.run([sys.executable, "-c", LATE.format(url=url)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("first\n", "", 0)
