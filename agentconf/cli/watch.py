"""`agentconf watch`: what is applied and refused, as it happens."""

from __future__ import annotations

import json
import logging
import select
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from agentconf.cli import console, options
from agentconf.cli.status import FOUND, GOOD
from agentconf.errors import InvalidConfig
from agentconf.live.machine import chosen_environment, chosen_folder

if TYPE_CHECKING:
    from agentconf.live.journal import Event
    from agentconf.live.watch import Watch

_NOTHING_SERVED: Final = "nothing of it can be served, and there is no last good"
_MODES: Final = ("per-agent", "transactional")


@dataclass(frozen=True, slots=True)
class _Order:
    """What to watch, and how."""

    path: str
    environment: str | None
    mode: Literal["per-agent", "transactional"]
    last_good: str | None
    keeps: bool

    def started(self) -> Watch:
        """The watch. Raises InvalidConfig, UnknownEnvironment and SourceUnavailable where nothing can be served."""
        from agentconf.live.followed import USERS_CACHE
        from agentconf.live.watch import watch

        kept = (self.last_good or USERS_CACHE) if self.keeps else None
        return watch(self.path, environment=self.environment, mode=self.mode, last_good=kept)

    @property
    def confirming(self) -> str | None:
        """The command line that confirms a mass disappearance for this watch; None where nothing is kept."""
        words = ["agentconf", "watch", self.path]
        words += ["-e", self.environment] if self.environment else []
        words += ["--mode", self.mode] if self.mode != _MODES[0] else []
        words += ["--last-good", self.last_good] if self.last_good else []
        return shlex.join([*words, "--accept-deletes"]) if self.keeps else None


@click.command("watch")
@options.path_argument
@options.environment_option
@click.option(
    "--mode",
    type=click.Choice(_MODES),
    default=_MODES[0],
    show_default=True,
    help="What an error holds back: its agents, or the whole change.",
)
@options.format_option("text", "json")
@click.option(
    "--last-good",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where what was accepted outlives a restart; default: the user's cache folder.",
)
@click.option("--no-last-good", is_flag=True, help="Neither use nor keep what was accepted.")
@click.option("--accept-deletes", is_flag=True, help="Confirm that agents that disappeared all at once are to be gone.")
def command(
    path: str | None,
    environment: str | None,
    mode: Literal["per-agent", "transactional"],
    form: str,
    last_good: str | None,
    no_last_good: bool,
    accept_deletes: bool,
) -> int:
    """Follow the tree, and print what is applied and what is refused as it happens, until interrupted.

    With --accept-deletes, the services of this machine are told, too: those of the same user that watch the same PATH
    in the same environment and mode, with the same --last-good.

    \b
    agentconf watch -e prod
    agentconf watch --format json | jq -c .changed
    agentconf watch -e prod --accept-deletes
    """
    if no_last_good and (last_good or accept_deletes):
        other = "--last-good" if last_good else "--accept-deletes"
        raise click.UsageError(f"--no-last-good and {other} exclude each other")
    order = _Order(chosen_folder(path), chosen_environment(environment), mode, last_good, keeps=not no_last_good)
    with _terminating(), _noting_log():
        try:
            _follow(order, form, accept_deletes)
        except InvalidConfig as error:
            return _refuse(order, form, error)
        except _Terminated:
            pass
    return GOOD


def _follow(order: _Order, form: str, accept_deletes: bool) -> None:
    from agentconf.cli.teller import Teller

    started = time.monotonic()
    with order.started() as conf:
        teller = Teller(conf, order.path, _say_as_json if form == "json" else _say, order.confirming)
        teller.begin(time.monotonic() - started)
        if accept_deletes:
            teller.accept_deletes()
        while teller.beat():
            if not _is_read():
                raise BrokenPipeError


def _say(event: Event, text: str) -> None:
    _write(text)


def _say_as_json(event: Event, text: str) -> None:
    _write(json.dumps(event.as_json(), ensure_ascii=False))  # only here are the keys of every agent compared


def _write(line: str) -> None:
    """At once: whoever reads a pipe is not to wait until a buffer is full."""
    console.write(f"{line}\n")
    sys.stdout.flush()


def _is_read() -> bool:
    """Whether somebody may still read standard output; a write would tell, and the next may be hours away."""
    try:
        output = select.poll()
        output.register(sys.stdout.fileno(), 0)  # errors are told unasked
        return not output.poll(0)
    except (OSError, ValueError, AttributeError):  # no descriptor, or a system without poll
        return True


def _refuse(order: _Order, form: str, error: InvalidConfig) -> int:
    """Nothing can be served: the findings, as `validate` prints them."""
    if form == "json":
        _write(json.dumps(_nothing_served(error), ensure_ascii=False))
    else:
        _write(_rendered(order, error))
    console.note(_NOTHING_SERVED)
    return FOUND


def _nothing_served(error: InvalidConfig) -> dict[str, Any]:
    errors = [finding for finding in error.diagnostics if finding.is_error]
    return {
        "event": "refused",
        "generation": 0,
        "digest": None,
        "created": [],
        "changed": {},
        "deleted": [],
        "quarantined": sorted({finding.agent for finding in errors if finding.agent}),
        "diagnostics": [finding.as_json() for finding in errors],
        "took_ms": None,
        "reason": _NOTHING_SERVED,
    }


def _rendered(order: _Order, error: InvalidConfig) -> str:
    from agentconf import pipeline
    from agentconf.redact import printable
    from agentconf.report import text
    from agentconf.source.folder import read_folder
    from agentconf.validation import Validation

    tree = read_folder(order.path)
    agents = len(pipeline.draft(tree).config.agent_ids)
    found = Validation(
        printable(tree.shown_as), len(tree.files), agents, (order.environment,), {}, error.diagnostics
    )
    if not console.is_terminal():
        return text.render(found).rstrip("\n")
    files = {printable(tree.shown(path)): data for path, data in tree.files.items()}
    return text.render(found, files, console.style).rstrip("\n")


# -- what ends it, and what goes to the log


class _Terminated(BaseException):
    """Somebody asked this process to end."""


@contextmanager
def _terminating() -> Iterator[None]:
    """A request to end (SIGTERM) unwinds as an interrupt does: what is to be kept is written."""

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough; ending must not be torn
        raise _Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Notes(logging.Handler):
    """Warnings of the watch, beside the output; but what an event or a state says is said once, and by that."""

    def emit(self, record: logging.LogRecord) -> None:
        is_said = hasattr(record, "agentconf") or (record.levelno == logging.ERROR and record.exc_info is None)
        if record.levelno >= logging.WARNING and not is_said:
            with suppress(OSError):
                console.note(f"warning: {record.getMessage()}")


@contextmanager
def _noting_log() -> Iterator[None]:
    log, notes = logging.getLogger("agentconf.live"), _Notes()
    log.addHandler(notes)
    try:
        yield
    finally:
        log.removeHandler(notes)
