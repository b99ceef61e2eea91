"""Where the process starts and ends: the one place where outcomes become exit statuses.

Nothing heavy is imported up here, so that Ctrl-C finds somebody to catch it from the first moment.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from agentconf.cli.status import FAILED, GOOD, INTERRUPTED

if TYPE_CHECKING:
    import click

_COMPLETION: Final = "_AGENTCONF_COMPLETE"
"""Set while the shell asks for completions."""


def run(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command line and ends the process. Whatever happens, the user gets a sentence, not a traceback."""
    try:
        status = status_of(arguments)
    except KeyboardInterrupt:
        status = INTERRUPTED
    sys.exit(status)


def status_of(arguments: list[str] | None) -> int:
    """The exit status of a run; what is wrong is said on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what a terminal cannot show is escaped, and no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _status_of(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:  # the reader has gone, as with `| head`
        _drop_output()
        return FAILED
    except OSError as error:
        _drop_output()
        return _fail(f"{error.filename or 'the system'}: {(error.strerror or str(error)).lower()}")
    except Exception as error:
        if os.environ.get("AGENTCONF_TRACEBACK"):
            raise
        return _fail(f"internal error ({type(error).__name__}); please report it, with AGENTCONF_TRACEBACK=1 set")
    return status


def _status_of(arguments: list[str] | None) -> int:
    import click

    from agentconf.cli.commands import group
    from agentconf.errors import AgentconfError

    try:
        outcome: Any = group.main(args=arguments, prog_name="agentconf", standalone_mode=False)
        return outcome if isinstance(outcome, int) else GOOD
    except click.ClickException as error:
        return _fail(_with_way_out(error))
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.Abort:
        return INTERRUPTED
    except SystemExit as ending:
        if _COMPLETION not in os.environ:  # click ends so where the reader has gone, with the status that says "found"
            raise BrokenPipeError from None
        return GOOD if ending.code == GOOD else FAILED
    except (AgentconfError, ValueError) as error:
        return _fail(str(error))


def _with_way_out(error: click.ClickException) -> str:
    """What is wrong with the words of a command line; where that is all, what tells which it takes."""
    import click

    said = error.format_message()
    is_bare = type(error) in {click.UsageError, click.MissingParameter, click.NoSuchOption, click.BadOptionUsage}
    context = getattr(error, "ctx", None)
    if not is_bare or context is None or "; " in said or said.endswith("?"):
        return said
    return f"{said.rstrip('.')}; see '{context.command_path} --help'"


def _drop_output() -> None:
    """What is still to be written goes nowhere: the interpreter would try again at its end, and fail aloud."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> int:
    """One line on standard error."""
    from agentconf.redact import printable

    with suppress(OSError):
        print("agentconf:", printable(" ".join(message.split())), file=sys.stderr)  # noqa: T201
    return FAILED
