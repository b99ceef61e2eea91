"""What every format says of a review, in the same words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from agentconf.diff.change import RISKS, Meaning, Risk
from agentconf.diff.entry import Entry
from agentconf.diff.money import Forecast
from agentconf.diff.review import Review
from agentconf.redact import printable, without_keys
from agentconf.report.review.word_diff import is_about_text

_LONGEST_VALUE: Final = 60
NAMED: Final = 5
_LISTED: Final = 10
_CENTS_TELL: Final = 0.1
_LEAST_SHOWN: Final = 0.0001


def count(number: int, noun: str) -> str:
    """`1 agent`, `37 agents`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def headline(review: Review, entries: list[Entry]) -> str:
    """One sentence: how much changes, and how grave it is."""
    if not entries and (review.base_diagnostics or review.head_diagnostics):
        return "nothing changes for the agents that can be compared"
    if not entries:
        return "nothing changes for any resolved agent"
    if all(not entry.agents for entry in entries):
        edits = count(len(entries), "edit")
        return f"{edits} of the tree's own settings, and no resolved agent changes: {_risks(entries)}"
    names = [name for name in review.environments if name and any(name in entry.agents for entry in entries)]
    where = f" in {', '.join(names[:_LISTED])}" if names else ""
    where += f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    reach_of = "reaches" if len(entries) == 1 else "reach"
    return f"{count(len(entries), 'edit')} {reach_of} {count(review.agents_changed, 'agent')}{where}: {_risks(entries)}"


def _risks(entries: list[Entry]) -> str:
    risks = [(risk, sum(entry.risk == risk for entry in entries)) for risk in RISKS]
    return ", ".join(f"{number:,} {_said(risk)}" for risk, number in risks if number)


def _said(risk: Risk) -> str:
    return "without risk" if risk == "none" else f"of {risk} risk"


def what(entry: Entry) -> str:
    """What an entry is, without its place: `llm.model: "a" to "b"`."""
    if entry.kind == "renamed":
        return f"{entry.old} is now {entry.new}"
    if entry.kind != "changed" and entry.agents:
        return f"{', '.join(entry.names)} is {'new' if entry.kind == 'created' else 'deleted'}"
    if is_told_by_meanings(entry):
        return next((meaning.text for meaning, _ in entry.ordered_meanings()), "changes")
    if is_about_text(entry):
        return f"{entry.key} changes"
    return f"{entry.key}: {value(entry.old)} to {value(entry.new)}"


def is_told_by_meanings(entry: Entry) -> bool:
    """Whether there are no two values to show, or such as nobody reads, and what they come to says more."""
    if entry.kind != "changed":
        return not entry.agents
    if entry.is_without_values:
        return True
    is_long = any(isinstance(side, dict) for side in (entry.old, entry.new))
    return bool(entry.meanings) and is_long


def gravest(entry: Entry) -> str:
    """The first meaning of an entry, with how many more there are."""
    meanings = [meaning.text for meaning, _ in entry.ordered_meanings()]
    more = f" (and {len(meanings) - 1:,} more)" if len(meanings) > 1 else ""
    return f"{meanings[0] if meanings else ''}{more}"


def told(meaning: Meaning) -> tuple[str, str]:
    """A meaning as its kind and the rest, which together say the kind once: `price` and ` up 2 times`."""
    if meaning.text.startswith(f"{meaning.kind} "):
        return meaning.kind, meaning.text.removeprefix(meaning.kind)
    return meaning.kind, f": {meaning.text}"


def place(entry: Entry) -> str:
    """`agents.d/_defaults.yaml:9`."""
    return printable(f"{entry.cause.file}:{entry.cause.line}") if entry.cause else ""


def value(said: Any) -> str:
    """A value on one line, cut where it is long; nothing is `(not set)`."""
    if said is None:
        return "(not set)"
    if isinstance(said, list) and said and all(isinstance(one, dict) and "model" in one for one in said):
        said = ", ".join(str(one["model"]) for one in said)
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, default=str)
    text = without_keys(printable(text))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def also(entry: Entry) -> str:
    """The keys that follow an edit, the first of them by name."""
    keys = sorted(entry.also)
    more = f" and {len(keys) - NAMED:,} more" if len(keys) > NAMED else ""
    return f"{', '.join(keys[:NAMED])}{more}"


def reach(entry: Entry, named: int = NAMED) -> str:
    """Whom it reaches: `37 agents (a, b and 35 more) in prod; c in dev`."""
    if not entry.agents:
        return "the tree"
    found = [(_named(names, named), ", ".join(environments)) for names, environments in groups(entry)]
    return "; ".join(f"{names} in {where}" if where else names for names, where in found)


def groups(entry: Entry) -> list[tuple[tuple[str, ...], list[str]]]:
    """The agents that it reaches, with the environments in which it reaches just these."""
    found: dict[tuple[str, ...], list[str]] = {}
    for environment, names in entry.agents.items():
        where = found.setdefault(tuple(sorted(names)), [])
        where += [environment] if environment is not None else []
    return list(found.items())


def _named(names: tuple[str, ...], number: int) -> str:
    if len(names) == 1:
        return names[0]
    more = f" and {len(names) - number:,} more" if len(names) > number else ""
    return f"{len(names):,} agents ({', '.join(names[:number])}{more})"


def parted(text: str) -> tuple[str, str]:
    """A stretch of words, and the blank behind it, which is no part of what comes or goes."""
    words = text.rstrip()
    return (words, text[len(words) :]) if words else (text, "")


def shortened(text: str, context: int) -> str:
    """A stretch that is the same on both sides: as much as it takes to know where one is."""
    return text if len(text) <= 2 * context else f"{text[:context]} … {text[-context:]}"


def money_lines(forecast: Forecast) -> Iterator[str]:
    """What it would have cost, what was assumed, and who could not be counted."""
    if not forecast.is_empty:
        yield _total(forecast)
    if forecast.has_estimate:
        yield "prompts that are longer or shorter are counted at four characters a token, in each recorded call"
    if forecast.unmatched:
        yield f"counted at the base's first model, since it does not name theirs: {_some(forecast.unmatched)}"
    if forecast.unpriced:
        yield f"not counted, since a price is unknown: {_some(forecast.unpriced)}"
    if forecast.unrecorded:
        yield f"not counted, since there is no record: {_some(forecast.unrecorded)}"


def _some(names: Iterable[str]) -> str:
    """The first of them by name, and how many more there are."""
    listed = sorted(shortened(printable(name), _LONGEST_VALUE) for name in names)
    more = f" and {len(listed) - _LISTED:,} more" if len(listed) > _LISTED else ""
    return f"{', '.join(listed[:_LISTED])}{more}"


def _total(forecast: Forecast) -> str:
    change = forecast.after - forecast.before
    by = f", {change / forecast.before:+.0%}" if forecast.before else ""
    about = "about " if forecast.has_estimate else ""
    return (
        f"over the recorded period: {dollars(forecast.before)} before, {about}{dollars(forecast.after)} after "
        f"({'+' if change >= 0 else '-'}{dollars(abs(change))}{by})"
    )


def dollars(amount: float) -> str:
    """US dollars: cents, or more digits where they are less."""
    if 0 < amount < _LEAST_SHOWN:
        return f"${amount:.0e}"
    return f"${amount:,.2f}" if amount >= _CENTS_TELL or amount == 0 else f"${amount:.4f}"
