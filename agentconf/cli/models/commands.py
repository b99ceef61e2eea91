"""The group `agentconf models`."""

from __future__ import annotations

import gc
from typing import Final

import click

from agentconf.cli.lazy import LazyGroup

_COMMANDS: Final = {
    "compare": ("compare", "Put models side by side."),
    "list": ("list_models", "List the models in use, or all that are known."),
    "lock": ("lock", "Pin the facts about the models in use."),
    "recommend": ("recommend", "Find models that fit, or better ones for an agent."),
    "show": ("show", "Show what is known of a model, and who uses it."),
    "update": ("update", "Show which pinned facts have moved, and whom it touches."),
}


@click.group(
    "models",
    cls=LazyGroup,
    package="agentconf.cli.models",
    table=_COMMANDS,
)
@click.pass_context
def command(context: click.Context) -> None:
    """Facts about models: prices, limits, capabilities, retirement.

    They come from _models.yaml, then from the lock, then from LiteLLM's own file where it is installed; never from the
    network. What nobody knows is unknown: neither false nor zero.
    """
    if gc.isenabled():  # thousands of entries and facts, none in cycles: collecting would take longer than the work
        gc.disable()
        context.call_on_close(gc.enable)
