"""The command `agentconf`, and the one place where outcomes become exit statuses."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, Final, NoReturn

import click

from agentconf import __version__
from agentconf.errors import AgentconfError

GOOD: Final = 0
FOUND: Final = 1
FAILED: Final = 2
INTERRUPTED: Final = 130

_COMMANDS: Final = {
    "explain": ("explain", "Say why a value is what it is."),
    "init": ("init", "Write a new config repository."),
    "list": ("list_agents", "List the agents."),
    "new": ("new", "Write a new agent's file."),
    "schema": ("schema", "Print, write or check the published JSON Schemas."),
    "show": ("show", "Show one agent as resolved."),
    "validate": ("validate", "Check the whole tree, in every environment."),
}


class _Commands(click.Group):
    """Imports a command when it is called: `--version` and completion stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"agentconf.cli.{_COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and args[0][:1] != "-":
            from agentconf.suggest import did_you_mean

            hint = did_you_mean(args[0], _COMMANDS) or "see 'agentconf --help'"
            raise click.UsageError(f"there is no command '{args[0]}'; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in sorted(_COMMANDS.items())])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 good, 1 an error was found, 2 the command could not do its work, 130 interrupted.",
)
@click.version_option(__version__, prog_name="agentconf", message="%(prog)s %(version)s")
def group() -> None:
    """Configuration of LLM agents as code: one YAML file an agent, validated, resolved, explained.

    PATH is the folder that holds the agents: by default AGENTCONF_DIR, else agents.d.
    Completion: eval "$(_AGENTCONF_COMPLETE=bash_source agentconf)" (or zsh_source, fish_source).
    """


def run(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command line and ends the process. Whatever happens, the user gets a sentence, not a traceback."""
    sys.exit(status_of(arguments))


def status_of(arguments: list[str] | None) -> int:  # noqa: C901  # the one place that maps outcomes to statuses
    """The exit status of a run; what is wrong is said on standard error."""
    try:
        outcome: Any = group.main(args=arguments, prog_name="agentconf", standalone_mode=False)
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else GOOD
    except click.ClickException as error:
        return _fail(error.format_message())
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:  # the reader has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (AgentconfError, ValueError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"{error.filename or 'the system'}: {(error.strerror or str(error)).lower()}")
    except Exception as error:
        if os.environ.get("AGENTCONF_TRACEBACK"):
            raise
        return _fail(f"internal error ({type(error).__name__}); please report it, with AGENTCONF_TRACEBACK=1 set")


def _fail(message: str) -> int:
    """One line on standard error."""
    line = " ".join(message.split())
    click.echo(f"agentconf: {line}", err=True)
    return FAILED
