"""The command `agentconf` and its commands, each imported when it is called."""

from __future__ import annotations

from typing import Final

import click

from agentconf import __version__
from agentconf.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "call": ("call", "Send a text to an agent."),
    "diff": ("diff", "Say what a change does to each resolved agent."),
    "doctor": ("doctor", "Try the connections, keys and models of the agents."),
    "explain": ("explain", "Say why a value is what it is."),
    "init": ("init", "Write a new config repository."),
    "list": ("list_agents", "List the agents."),
    "log": ("log", "List the commits that changed a resolved agent."),
    "models": ("models.commands", "Look models up, compare them, and pin what is known of them."),
    "new": ("new", "Write a new agent's file."),
    "rules": ("rules", "Say what can be found, why it matters and what to do."),
    "schema": ("schema", "Print, write or check the published JSON Schemas."),
    "secret": ("secret.group", "Make, encrypt, rotate and check secrets."),
    "serve": ("serve", "Serve the tree over HTTP."),
    "show": ("show", "Show one agent as resolved."),
    "token": ("token.group", "Make, list and revoke tokens of the server."),
    "usage": ("usage", "Say what was used and spent."),
    "validate": ("validate", "Check the whole tree, in every environment."),
    "watch": ("watch", "Print what is applied and refused as it happens."),
}


@click.group(
    cls=LazyGroup,
    package="agentconf.cli",
    table=_COMMANDS,
    epilog="Exit status: 0 good, 1 an error was found, 2 the command could not do its work, 130 interrupted.",
)
@click.version_option(__version__, prog_name="agentconf", message="%(prog)s %(version)s")
def group() -> None:
    """Configuration of LLM agents as code: one YAML file an agent, validated, resolved, explained.

    PATH is the folder that holds the agents: by default AGENTCONF_DIR, else agents.d.
    Completion: eval "$(_AGENTCONF_COMPLETE=bash_source agentconf)" (or zsh_source, fish_source).
    """
