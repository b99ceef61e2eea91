"""`agentconf models recommend`: models that fit what is asked for, or that an agent could have instead of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import click

from agentconf.catalogue.compare import blended
from agentconf.catalogue.offers import candidates
from agentconf.catalogue.recommend import Recommendation, Recommended, Wish, recommend
from agentconf.catalogue.told import facts_json, recommended_json
from agentconf.cli import console, options
from agentconf.cli.models.candidates import Reference, reference_of
from agentconf.cli.models.capability import capability_option
from agentconf.cli.models.opened import INSTALL, Opened, open_catalogue
from agentconf.cli.models.wording import FACT_COLUMNS, UNKNOWN, fact_cells, percent, price, this_day
from agentconf.cli.status import FOUND, GOOD
from agentconf.cli.tables import Column, table

_DOLLARS = click.FloatRange(min=0)
_COUNT = click.IntRange(min=1)


@click.command("recommend")
@options.path_option
@options.environment_option
@options.for_option
@capability_option("It must have; may be repeated.")
@click.option("--min-context", type=_COUNT, metavar="TOKENS", help="The smallest context that will do.")
@click.option("--max-input-price", type=_DOLLARS, metavar="USD", help="At most, per million tokens in.")
@click.option("--max-output-price", type=_DOLLARS, metavar="USD", help="At most, per million tokens out.")
@click.option("--min-price", type=_DOLLARS, metavar="USD", help="At least, per million: three in for one out.")
@click.option("--max-price", type=_DOLLARS, metavar="USD", help="At most, per million: three in for one out.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Of this provider; may be repeated.")
@click.option("--any-provider", is_flag=True, help="Of any provider, not only those that the tree declares.")
@click.option("--region", metavar="REGION", help="Served there: eu, or eu-central-1.")
@click.option("--mode", default="chat", show_default=True, metavar="MODE", help="What it is for.")
@click.option("--cheaper", is_flag=True, help="With --for: only models that cost less.")
@click.option("--larger", is_flag=True, help="With --for: only models with a larger context.")
@click.option("--limit", type=click.IntRange(min=0), default=10, show_default=True, help="How many; 0 is all.")
@options.format_option("text", "json")
def command(
    path: str | None, environment: str | None, agent: str | None, providers: tuple[str, ...], any_provider: bool,
    cheaper: bool, larger: bool, limit: int, form: str, **asked: Any,
) -> int:  # fmt: skip
    """Find models that fit, cheapest first; with --for, cheaper or larger ones that meet what the agent requires.

    A model of which something that was asked for is unknown does not fit; how many those are is said.

    \b
    agentconf models recommend --capability vision --max-price 1
    agentconf models recommend --region eu --min-context 200000
    agentconf models recommend --for researcher -e prod --cheaper
    """
    if (cheaper or larger) and agent is None:
        raise click.UsageError("--cheaper and --larger are about an agent's model: give --for AGENT")
    wish = _wish(asked)
    reference = None if agent is None else reference_of(path, environment, agent)
    if reference is None and agent is not None:
        return FOUND
    opened = reference.opened if reference else open_catalogue(path)
    if reference is not None:
        wish = _with_requirements(wish, reference)
    declared = None if any_provider else reference.providers if reference else opened.providers
    found = recommend(candidates(opened.catalogue, declared, providers), wish, reference.known if reference else None)
    kept = [one for one in found.models if _is_wanted(one, reference, cheaper, larger)]
    told = Recommendation(tuple(kept[: limit or None]), found.unknown)
    console.write(_json(told, reference, wish.today) if form == "json" else _text(told, reference, wish.today))
    _note(opened, told, reference)
    return GOOD


def _wish(asked: dict[str, Any]) -> Wish:
    capabilities = frozenset(asked["capabilities"])
    return Wish(
        today=this_day(), mode=asked["mode"], capabilities=capabilities, min_context_tokens=asked["min_context"],
        max_input_price=asked["max_input_price"], max_output_price=asked["max_output_price"],
        min_price=asked["min_price"], max_price=asked["max_price"], region=asked["region"],
    )  # fmt: skip


def _with_requirements(wish: Wish, reference: Reference) -> Wish:
    """What the agent requires, beside what was asked for."""
    least = max(wish.min_context_tokens or 0, reference.min_context_tokens or 0)
    return replace(
        wish,
        capabilities=wish.capabilities | reference.capabilities,
        min_context_tokens=least or None,
        min_output_tokens=reference.max_tokens,
    )


def _is_wanted(one: Recommended, reference: Reference | None, cheaper: bool, larger: bool) -> bool:
    if reference is not None and one.candidate.model == reference.model:
        return False
    return (not cheaper or one.is_cheaper) and (not larger or one.is_larger is True)


def _json(found: Recommendation, reference: Reference | None, today: date) -> str:
    said = {
        "for": None
        if reference is None
        else {"agent": reference.agent, "model": reference.model, "facts": facts_json(reference.facts, today)},
        "models": [recommended_json(one, today) for one in found.models],
        "unknown": found.unknown,
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def _text(found: Recommendation, reference: Reference | None, today: date) -> str:
    columns = [Column("model"), *FACT_COLUMNS, Column("blended", "decimal")]
    rows = []
    if reference is not None:
        columns.append(Column("saving", "right"))
        rows.append([f"{reference.model} (now)", *fact_cells(reference.facts, today), _blended(reference), ""])
    for one in found.models:
        cells = [one.candidate.model, *fact_cells(one.candidate.facts, today), price(blended(one.candidate.facts))]
        rows.append([*cells, *([_saving(one)] if reference is not None else [])])
    if not found.models:
        return "no model that fits is known\n"
    return table(columns, rows)


def _blended(reference: Reference) -> str:
    return UNKNOWN if reference.facts is None else price(blended(reference.facts))


def _saving(one: Recommended) -> str:
    return UNKNOWN if one.saving is None else percent(one.saving.percent).removeprefix("+")


def _note(opened: Opened, found: Recommendation, reference: Reference | None) -> None:
    """What the table cannot show."""
    if opened.catalogue.litellm is None:
        console.note(f"LiteLLM is not installed: only models of the tree are known ({INSTALL})")
    if found.unknown:
        many = "1 model was" if found.unknown == 1 else f"{found.unknown:,} models were"
        console.note(f"{many} left out, since something that was asked for is unknown of them")
    if reference is not None and (reference.facts is None or blended(reference.facts) is None):
        console.note(f"the price of {reference.model} is unknown, so nothing is cheaper")
