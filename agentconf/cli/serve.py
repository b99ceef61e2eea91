"""`agentconf serve`: the server."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from agentconf.cli import console, options
from agentconf.cli.status import FOUND, GOOD, INTERRUPTED
from agentconf.cli.token.options import TOKENS_VARIABLE
from agentconf.errors import InvalidConfig, NotInstalled
from agentconf.live.machine import chosen_environment, chosen_folder
from agentconf.secrets.reading import is_below

if TYPE_CHECKING:
    import socket

    from agentconf.live.watch import Watch
    from agentconf.server.order import Order
    from agentconf.server.run import Tls

_MODES: Final = ("per-agent", "transactional")
_WRITES: Final = ("off", "commit", "propose")
_NEEDED: Final = ("fastapi", "uvicorn", "httptools", "websockets")
_FILE = click.Path(dir_okay=False)
_NAME: Final = re.compile(r"[\w.-]+")


@click.command("serve")
@options.path_argument
@options.environment_option
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", default=8700, show_default=True, type=click.IntRange(0, 65535), help="0 is any that is free.")
@click.option(
    "--tokens", envvar=TOKENS_VARIABLE, type=_FILE, metavar="FILE",
    help=f"Who may use it, as 'agentconf token new' writes it; default: {TOKENS_VARIABLE}.",
)  # fmt: skip
@click.option("--without-tokens", is_flag=True, help="Let everybody read, on an address that others can reach.")
@click.option("--tls-cert", type=_FILE, metavar="FILE", help="The certificate, in PEM.")
@click.option("--tls-key", type=_FILE, metavar="FILE", help="Its key, in PEM.")
@click.option("--without-tls", is_flag=True, help="Speak in clear text, on an address that others can reach.")
@click.option("--writes", type=click.Choice(_WRITES), default=_WRITES[0], show_default=True,
              help="What becomes of writes: a commit on the branch that is served, or a branch for each.")  # fmt: skip
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="A name of this server; may be repeated.")
@click.option("--proxy", "proxies", multiple=True, metavar="ADDRESS", help="A proxy to believe; may be repeated.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="How many processes.")
@click.option("--requests-per-second", "rate", default=1000, show_default=True, type=click.IntRange(0), metavar="N",
              help="What one client may ask of each process; 0 is no limit.")  # fmt: skip
@click.option("--grace", "grace_s", default=10, show_default=True, type=click.IntRange(0, 600), metavar="SECONDS",
              help="How long requests may take to finish when it ends.")  # fmt: skip
@click.option("--mode", type=click.Choice(_MODES), default=_MODES[0], show_default=True, help="As of 'watch'.")
@click.option("--last-good", type=click.Path(file_okay=False), metavar="DIR", help="As of 'watch'.")
@click.option("--no-last-good", is_flag=True, help="Neither use nor keep what was accepted.")
@click.option("--no-access-log", is_flag=True, help="Print no line for each request.")
def command(path: str | None, environment: str | None, **given: Any) -> int:
    """Serve the tree over HTTP, and follow it, until interrupted. Requests are logged to standard output, as JSON.

    Without --tokens, everybody on this machine may read, and nobody write or see secrets. On an address that other
    machines can reach it wants tokens and TLS, unless told in words to do without.

    \b
    agentconf serve -e prod
    agentconf serve -e prod --host 0.0.0.0 --tokens tokens.json --tls-cert cert.pem --tls-key key.pem
    """
    _require_parts()
    _require_sense(given)
    from agentconf.server import run

    listening = run.bind(given["host"], given["port"])
    try:
        tls = _tls(given)
        if not run.is_for_this_machine(listening):
            _require_protection(given, tls)
        order = _order(chosen_folder(path), chosen_environment(environment), given, tls)
        return _serve(order, listening, given["workers"])
    except InvalidConfig as error:
        for line in str(error).splitlines():
            console.note(line)
        return FOUND
    finally:
        listening.close()


def _serve(order: Order, listening: socket.socket, workers: int) -> int:
    from agentconf.server.order import serve
    from agentconf.server.run import address_of

    where = address_of(listening, order.tls)
    tree = f"{order.path}{f' in {order.environment}' if order.environment else ''}"

    def begun(conf: Watch) -> None:
        count = "1 agent" if len(conf) == 1 else f"{len(conf)} agents"
        console.note(f"serving {tree} on {where}: {count}, generation {conf.snapshot.generation}")

    with _noting_log():
        if workers == 1:
            ended_by = serve(order, listening, begun)
        else:
            from agentconf.server.workers import serve_with_workers

            console.note(f"serving {tree} on {where} with {workers} processes")
            ended_by = serve_with_workers(order, listening, workers)
    return INTERRUPTED if ended_by == signal.SIGINT else GOOD


def _order(path: str, environment: str | None, given: dict[str, Any], tls: Tls | None) -> Order:
    from agentconf.server.access.token_file import read_tokens
    from agentconf.server.options import Limits, Options
    from agentconf.server.order import Order

    if given["tokens"] and is_below(given["tokens"], path):
        raise click.ClickException(f"{given['tokens']} lies in the tree, where it would be committed; move it out")
    if given["tokens"]:
        read_tokens(given["tokens"])  # so that one process says what is wrong with it, before there are several
    chosen = Options(
        tokens=given["tokens"],
        hosts=(given["host"], *given["hosts"]),
        proxies=given["proxies"],
        has_access_log=not given["no_access_log"],
        writes=given["writes"],
        limits=Limits(requests_per_s=given["rate"]),
    )
    kept = None if given["no_last_good"] else given["last_good"] or ""
    mode: Literal["per-agent", "transactional"] = given["mode"]
    return Order(path, environment, mode, kept, chosen, tls, given["grace_s"])


def _tls(given: dict[str, Any]) -> Tls | None:
    if given["tls_cert"] is None:
        return None
    from agentconf.server.run import Tls, require_certificate

    tls = Tls(given["tls_cert"], given["tls_key"])
    require_certificate(tls)
    return tls


def _require_parts() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise NotInstalled(f"this needs {', '.join(missing)}; get it with: pip install 'agentconf-gitops[server]'")


def _require_sense(given: dict[str, Any]) -> None:
    if given["tls_key"] and not given["tls_cert"]:
        raise click.UsageError("--tls-key goes with --tls-cert")
    for one, other in (("tokens", "without_tokens"), ("tls_cert", "without_tls"), ("last_good", "no_last_good")):
        if given[one] and given[other]:
            raise click.UsageError(f"--{one.replace('_', '-')} and --{other.replace('_', '-')} exclude each other")
    _require_names(given)
    if given["writes"] != "off" and not given["tokens"]:
        raise click.UsageError("--writes needs --tokens: the owner of a token is the author of what it writes")


def _require_names(given: dict[str, Any]) -> None:
    for one in given["proxies"]:
        if not _is_address(one):
            raise click.UsageError(f"--proxy takes an address or a network, such as 10.0.0.0/8, or *; '{one}' is none")
    for one in given["hosts"]:
        if not _NAME.fullmatch(one):
            raise click.UsageError(f"--allow-host takes a name without scheme and port; '{one}' is none")


def _is_address(proxy: str) -> bool:
    from ipaddress import ip_network

    try:
        return proxy == "*" or ip_network(proxy) is not None
    except ValueError:
        return False


def _require_protection(given: dict[str, Any], tls: Tls | None) -> None:
    """On an address that other machines can reach."""
    others = f"other machines can reach {given['host']}"
    if not given["tokens"] and not given["without_tokens"]:
        raise click.UsageError(
            f"{others}: give --tokens, see 'agentconf token new'; or say --without-tokens, and everybody may read"
        )
    if tls is None and not given["without_tls"]:
        raise click.UsageError(
            f"{others}: give --tls-cert and --tls-key; or say --without-tls, and tokens go in clear text unless a"
            " proxy in front ends the TLS"
        )


class _Notes(logging.Handler):
    """What the parts have to say, on standard error: the sentence, without what an exception may carry along."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
            return  # a request that was cut off since the server ends
        with suppress(OSError):
            console.note(f"{record.levelname.lower()}: {record.getMessage()}")


@contextmanager
def _noting_log() -> Iterator[None]:
    notes = _Notes(logging.WARNING)
    logs = [logging.getLogger(name) for name in ("agentconf", "uvicorn.error", "asyncio")]
    for log in logs:
        log.addHandler(notes)
    try:
        yield
    finally:
        for log in logs:
            log.removeHandler(notes)
