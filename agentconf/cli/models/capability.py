"""The option that names capabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from agentconf.catalogue.capabilities import WELL_KNOWN, canonical
from agentconf.suggest import misspelling_of

Command = TypeVar("Command", bound=Callable[..., object])


def capability_option(text: str) -> Callable[[Command], Command]:
    """`--capability NAME`, any number of them."""
    return click.option("--capability", "capabilities", multiple=True, metavar="NAME", callback=_spelt, help=text)


def _spelt(_: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """LiteLLM knows more capabilities than are well known, so that only a plain misspelling is refused."""
    for name in names:
        meant = None if canonical(name) in WELL_KNOWN else misspelling_of(name, WELL_KNOWN)
        if meant is not None:
            message = f"no model is known to have '{name}'; did you mean '{meant}'?"
            raise click.BadParameter(message, param=parameter)
    return names
