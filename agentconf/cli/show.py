"""`agentconf show`: one agent as resolved."""

from __future__ import annotations

import json

import click

from agentconf.cli import console, options
from agentconf.cli.agents import HasErrors, read_agents
from agentconf.cli.status import FOUND, GOOD
from agentconf.redact import printable
from agentconf.snapshot.wire import agent_json


@click.command("show")
@options.agent_argument
@options.path_option
@options.environment_option
@options.format_option("text", "json")
def command(agent: str, path: str | None, environment: str | None, form: str) -> int:
    """Show AGENT as resolved in one environment: all its layers merged, secrets as references.

    \b
    agentconf show code-assistant -e prod
    agentconf show code-assistant --format json
    """
    agents = read_agents(path, environment)
    try:
        resolved = agents.agent(agent)
    except HasErrors:
        return FOUND
    said = agent_json(resolved, agents.verdict.digest)
    if form == "json":
        console.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
    else:
        from agentconf.document.dump import dump

        where = f" in {said['environment']}" if said["environment"] else ""
        head = f"# {said['id']}{where}: {printable(said['file'])}\n# {said['digest']}\n"
        console.write(console.style(head, dim=True) + dump(said["config"]))
    return GOOD
