"""A review for people, on a terminal or in a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from agentconf.diff.change import Risk
from agentconf.diff.entry import Entry
from agentconf.diff.group import grouped
from agentconf.diff.review import Review
from agentconf.redact import printable
from agentconf.report.review.word_diff import no_word_diff, word_diff
from agentconf.report.review.words import (
    also,
    headline,
    is_told_by_meanings,
    money_lines,
    parted,
    place,
    reach,
    shortened,
    told,
    what,
)

_COLOURS: Final[dict[Risk, str]] = {"high": "red", "medium": "yellow", "low": "cyan", "none": "green"}
_CONTEXT: Final = 40


def render(review: Review, style: Callable[..., str] | None = None) -> str:
    """An entry for each edit, the gravest first."""
    plain = style or _plain
    entries = grouped(review.changes)
    lines = [*_sides(review, plain)]
    for entry in entries:
        lines += [*_entry(entry, plain), ""]
    lines.append(headline(review, entries))
    if review.forecast is not None and entries:
        lines += money_lines(review.forecast)
    return "\n".join(lines) + "\n"


def _plain(text: str, **_: object) -> str:
    return text


def _sides(review: Review, style: Callable[..., str]) -> Iterator[str]:
    """What is so wrong on a side that it could not be compared in full."""
    for name, found in ((review.base, review.base_diagnostics), (review.head, review.head_diagnostics)):
        if found:
            said = f"{printable(name)} has errors; agents that cannot be used with them are not compared:"
            yield style(said, fg="red", bold=True)
            yield from (f"  {finding}" for finding in found[:20])
            if len(found) > 20:
                yield f"  and {len(found) - 20} more"
            yield ""


def _entry(entry: Entry, style: Callable[..., str]) -> Iterator[str]:
    risk = style(f"{entry.risk:<6}", fg=_COLOURS[entry.risk], bold=entry.risk == "high")
    where = f"{place(entry)}  " if entry.cause else ""
    yield f"{risk} {style(where, bold=True)}{printable(what(entry))}"
    if entry.agents:
        yield f"       for {printable(reach(entry))}"
    for meaning, _ in entry.ordered_meanings()[is_told_by_meanings(entry) :]:
        kind, rest = told(meaning)
        yield f"       {style(kind, fg=_COLOURS[meaning.risk])}{printable(rest)}"
    if entry.also:
        yield f"       and with it: {printable(also(entry))}"
    words, no_words = word_diff(entry), no_word_diff(entry)
    if words:
        yield f"       {_words(words, style)}"
    if no_words:
        yield f"       {no_words}"


def _words(words: list[tuple[str, str]], style: Callable[..., str]) -> str:
    """The words that go and come, each with a little of what is around it."""
    said = []
    for sign, text in words:
        plain, blank = parted(printable(text.replace("\n", " ")))
        if sign == "=":
            said.append(shortened(plain + blank, _CONTEXT))
        elif sign == "-":
            said.append(style(f"[-{plain}-]", fg="red") + blank)
        else:
            said.append(style(f"{{+{plain}+}}", fg="green") + blank)
    return "".join(said).rstrip()
