"""Runs the server: the socket, TLS, uvicorn's settings, and an end that lets every request that has begun finish."""

from __future__ import annotations

import asyncio
import errno
import multiprocessing
import resource
import signal
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from agentconf.errors import SourceUnavailable
from agentconf.server.access.private import is_loopback
from agentconf.server.options import Limits, Options
from agentconf.server.protocol import BoundedProtocol
from agentconf.server.push.protocol import BoundedSocket
from agentconf.server.serving import Serving
from agentconf.source.system import reason_of

GRACE_S: Final = 10
_BACKLOG: Final = 2048
_SPARE_DESCRIPTORS: Final = 256
"""What the process needs beside its connections: files, the watcher, git."""
_LARGEST_MESSAGE_BYTES: Final = 64 << 10
"""What clients say on a WebSocket is small."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificate, with those between it and a root, and its key: files in PEM."""

    certificate: str
    key: str | None = None


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any that is free. Raises SourceUnavailable."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SourceUnavailable(f"cannot listen on {host}: {reason_of(error)}") from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        way_out = "; choose another by --port" if error.errno == errno.EADDRINUSE else ""
        raise SourceUnavailable(f"cannot listen on {host}, port {port}: {reason_of(error)}{way_out}") from error
    made.setblocking(False)
    return made


def is_for_this_machine(listening: socket.socket) -> bool:
    """Whether nobody but this machine can reach a socket."""
    return is_loopback(listening.getsockname()[0])


def address_of(listening: socket.socket, tls: Tls | None) -> str:
    """Where the server is found, such as `http://127.0.0.1:8700`."""
    host, port = listening.getsockname()[:2]
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def require_certificate(tls: Tls) -> None:
    """Raises SourceUnavailable where the files are not what TLS needs."""
    key = tls.key or "the key in it"
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tls.certificate, tls.key, _no_passphrase)
    except _Locked:
        said = f"the key in {tls.key or tls.certificate} is encrypted"
        raise SourceUnavailable(f"{said}; give one that is not, as 'openssl pkey' writes it") from None
    except ssl.SSLError:
        raise SourceUnavailable(f"{tls.certificate} and {key} are no certificate with its key, in PEM") from None
    except OSError as error:
        files = " or ".join(file for file in (tls.certificate, tls.key) if file)
        raise SourceUnavailable(f"cannot read {files}: {reason_of(error)}") from error


class _Locked(Exception):
    """A key that wants a passphrase: nobody is there to be asked for it."""


def _no_passphrase() -> str:
    raise _Locked


def run(app: FastAPI, listening: socket.socket, tls: Tls | None = None, grace_s: int = GRACE_S) -> int | None:
    """Serve until asked to end. The signal that asked; None where there was none."""
    options: Options = app.state.options
    server = Server(config_of(app, options, tls, grace_s), app.state.serving)
    server.run([listening])
    return server.signals[0] if server.signals else None


def config_of(app: FastAPI, options: Options, tls: Tls | None = None, grace_s: int = GRACE_S) -> uvicorn.Config:
    """Uvicorn's settings. What its environment variables would say is said here."""
    limits = _within_descriptors(options.limits)
    return uvicorn.Config(
        app,
        http=BoundedProtocol.within(limits),
        ws=BoundedSocket.within(limits),
        ws_max_size=_LARGEST_MESSAGE_BYTES,
        ws_max_queue=8,
        ws_per_message_deflate=False,  # for each client it would hold some 300 KiB
        lifespan="on",
        log_config=None,
        access_log=False,
        workers=1,
        server_header=False,
        proxy_headers=bool(options.proxies),
        forwarded_allow_ips=list(options.proxies),
        backlog=_BACKLOG,
        timeout_keep_alive=limits.keep_alive_s,
        timeout_graceful_shutdown=grace_s,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )


class Server(uvicorn.Server):
    """uvicorn's, which looks after slow clients, and says that it ends before it does."""

    def __init__(self, config: uvicorn.Config, serving: Serving) -> None:
        super().__init__(config)
        self._serving = serving
        self.signals: list[int] = []

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # about once a second
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.server_state.connections):
                if isinstance(connection, BoundedProtocol | BoundedSocket):
                    connection.sweep(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._serving.stopping.set()
        await super().shutdown(sockets)
        if self.force_exit:  # uvicorn leaves it out then; it waits for no client
            await self.lifespan.shutdown()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The second request to end is not to wait for anybody."""
        self.signals.append(sig)
        self.force_exit = self.should_exit
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """As uvicorn does, but the signals are not raised again in the end: the watch is to be closed first."""
        try:
            before = {number: signal.signal(number, self.handle_exit) for number in ending_signals()}
        except ValueError:  # not the main thread, which alone gets signals
            before = {}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def ending_signals() -> tuple[signal.Signals, ...]:
    """What asks this process to end. SIGHUP does, too, when its terminal goes, but not under nohup.

    A terminal asks all of its processes at once. One of several leaves that to the first, which asks it in turn: asked
    twice, it would wait for nobody.
    """
    if multiprocessing.parent_process() is not None:
        return (signal.SIGTERM,)
    is_kept = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return (signal.SIGINT, signal.SIGTERM) if is_kept else (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _within_descriptors(limits: Limits) -> Limits:
    """No more connections than the process may have files; as many of those as the machine lets it have."""
    from dataclasses import replace

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else 1 << 20
    wanted = min(most, limits.connections + _SPARE_DESCRIPTORS) if limits.connections else most
    if soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    room = max(soft - _SPARE_DESCRIPTORS, 16)
    return replace(limits, connections=min(limits.connections or room, room))
