"""`agentconf call`: one call of an agent, its answer to standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

import click

from agentconf.cli import answering, console, options
from agentconf.cli.loading import loading_litellm
from agentconf.cli.overrides import overrides_of
from agentconf.cli.status import GOOD
from agentconf.errors import AgentconfError
from agentconf.live.load import load
from agentconf.runtime.answer import Answer
from agentconf.runtime.client import AgentClient
from agentconf.runtime.failures import failure_of, is_unanswered
from agentconf.runtime.reply import answer_of
from agentconf.runtime.streaming import Stream

_OF_CONNECTIONS: Final = frozenset({401, 403, 404})


@click.command("call")
@options.agent_argument
@click.argument("text")
@options.path_option
@options.environment_option
@click.option("--key", metavar="KEY", help="The user or session that the variant is chosen by.")
@click.option(
    "--set", "said", multiple=True, metavar="NAME=VALUE",
    help="A parameter for this call alone, such as temperature=0; may be repeated.",
)  # fmt: skip
@click.option("--no-stream", is_flag=True, help="Wait for the whole answer.")
@options.format_option("text", "json")
def command(
    agent: str,
    text: str,
    path: str | None,
    environment: str | None,
    key: str | None,
    said: tuple[str, ...],
    no_stream: bool,
    form: str,
) -> int:
    """Send TEXT to AGENT and print the answer as it comes; a terminal also sees what it took.

    TEXT `-` is read from standard input. The call is held to the agent's limits, and recorded as any other.

    \b
    agentconf call code-assistant "What does this repository do?" -e prod
    git diff | agentconf call code-reviewer - --set temperature=0
    agentconf call translator "Good morning" --format json | jq .cost_usd
    """
    wanted = {**overrides_of(said), "key": key}
    message = _message(text)
    snapshot = load(path, environment=environment, strict=False)
    snapshot[agent]  # a wrong name is told at once: importing LiteLLM takes seconds
    with AgentClient(snapshot) as client:
        with loading_litellm():
            client.warm_up()
        try:
            if form == "text" and not no_stream:
                with client.stream(agent, message, **wanted) as stream:
                    answer = _streamed(stream)
            else:
                answer = _whole(client.complete(agent, message, **wanted), form)
        except (AgentconfError, OSError):
            raise
        except Exception as error:  # noqa: BLE001  # LiteLLM's own classes, and whatever a provider's SDK raises
            raise click.ClickException("; ".join((f"{agent}: {failure_of(error)}", *_more_on(error)))) from None
    if answer is not None and form == "text":
        answering.tell(answer)
    return GOOD


def _more_on(error: Exception) -> Iterator[str]:
    """Which models were tried, and who finds out more where it may be the connection."""
    yield from getattr(error, "__notes__", ())
    if getattr(error, "status_code", None) in _OF_CONNECTIONS or is_unanswered(error):
        yield "`agentconf doctor` looks at every connection"


def _message(text: str) -> str:
    message = sys.stdin.read() if text == "-" and sys.stdin is not None else text
    if not message.strip():
        raise click.BadParameter("there is no text to send", param_hint="TEXT")
    return message


def _streamed(stream: Stream) -> Answer | None:
    """Prints the chunks; a line that was begun is ended, whatever happens."""
    last = "\n"
    try:
        for chunk in stream:
            text = answering.text_of(chunk)
            if text:
                console.write(answering.shown(text))
                sys.stdout.flush()
                last = text
    finally:
        if not last.endswith("\n"):
            console.write("\n")
    return stream.answer


def _whole(reply: Any, form: str) -> Answer | None:
    answer, text = answer_of(reply), answering.text_of(reply)
    if form == "json" and answer is not None:
        console.write(json.dumps(answering.as_json(answer, text), indent=2, ensure_ascii=False) + "\n")
    else:
        console.write(answering.shown(text if text.endswith("\n") else f"{text}\n"))
    return answer
