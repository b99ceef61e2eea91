"""A review for a pull request: a table first, details folded, short enough for a comment on GitHub."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from agentconf.diff.change import Risk
from agentconf.diff.entry import Entry
from agentconf.diff.group import grouped
from agentconf.diff.review import Review
from agentconf.redact import printable
from agentconf.report.review.word_diff import no_word_diff, word_diff
from agentconf.report.review.words import (
    also,
    count,
    dollars,
    gravest,
    groups,
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

MARK: Final = "<!-- agentconf diff -->"
"""Stands first, so that the comment is found again and updated, and not repeated."""
LIMIT: Final = 65_536
"""The longest comment that GitHub takes, in characters."""
_SIGNS: Final[dict[Risk, str]] = {
    "high": "🔴\u00a0high",
    "medium": "🟠\u00a0medium",
    "low": "🟡\u00a0low",
    "none": "⚪\u00a0none",
}
_ROOM_FOR_THE_END: Final = 2_000
_MOST_FINDINGS: Final = 20
_ROOM: Final = 12_000
"""For the findings of a side."""
_NAMED: Final = 3
_CONTEXT: Final = 120
_LONGEST_PIECE: Final = 1_500
"""Of a prompt, so that one that is long does not take the place of all others."""
_LONGEST_CELL: Final = 600
_LONGEST_NAME: Final = 200
_MARKUP: Final = re.compile(r"[\\`*_{}\[\]#~!]")
_BEFORE_A_BAR: Final = re.compile(r"\\+(?=\|)")
_LINKED: Final = re.compile(r"@|#|:(?=//)|(?i:www|GH)(?=[.-])|(?i:mailto|xmpp)(?=:)")


def render(review: Review) -> str:
    """At most 65,536 characters; what is left out is said."""
    entries = grouped(review.changes)
    head = [MARK, f"### agentconf: {_escaped(headline(review, entries))}", "", *_sides(review)]
    money = "\n".join(_money(review))
    parts = _Parts("\n".join(head), len(money))
    if entries:
        parts.add("\n| risk | edit | reaches | what it means |\n| --- | --- | --- | --- |")
        rows = [parts.add(f"\n{_row(entry)}", "rows of the table") for entry in entries]
        parts.add(f"\n{money}")
        for entry, has_row in zip(entries, rows, strict=True):
            if has_row:
                parts.add("" if parts.is_full_of("details") else _details(entry), "details")
    return parts.text(f"*From {_side(review.base)} to {_side(review.head)}.*")


class _Parts:
    """Pieces of text as long as there is room; those that are left out are counted."""

    def __init__(self, head: str, reserved: int) -> None:
        self._pieces = [head]
        self._length = len(head) + reserved
        self._cut: dict[str, int] = {}

    def add(self, piece: str, kind: str = "") -> bool:
        if kind and (self.is_full_of(kind) or self._length + len(piece) > LIMIT - _ROOM_FOR_THE_END):
            self._cut[kind] = self._cut.get(kind, 0) + 1
            return False
        self._pieces.append(piece)
        self._length += len(piece) if kind else 0
        return True

    def is_full_of(self, kind: str) -> bool:
        """Whether one was left out already: then the rest is, too."""
        return kind in self._cut

    def text(self, end: str) -> str:
        left_out = [f"{number:,} {kind}" for kind, number in self._cut.items()]
        if left_out:
            said = " and ".join(left_out)
            self._pieces.append(f"\n\n*{said} do not fit here; `agentconf diff` shows them all.*")
        return "".join(self._pieces).rstrip() + f"\n\n{end}\n"


def _side(name: str) -> str:
    return f"`{_code(shortened(name, _LONGEST_NAME // 2))}`"


def _sides(review: Review) -> Iterator[str]:
    for name, found in ((review.base, review.base_diagnostics), (review.head, review.head_diagnostics)):
        if found:
            yield f"**{_side(name)} has errors; agents that cannot be used with them are not compared:**"
            yield ""
            lines = [f"- {_bounded(str(finding))}" for finding in found[:_MOST_FINDINGS]]
            fitting = [line for line, length in zip(lines, accumulate(map(len, lines)), strict=True) if length < _ROOM]
            yield from fitting
            if len(found) > len(fitting):
                yield f"- and {len(found) - len(fitting)} more"
            yield ""


def _money(review: Review) -> Iterator[str]:
    """What the change would have cost, behind the table and before the details."""
    forecast = review.forecast
    if forecast is None or not review.changes:
        return
    yield ""
    for number, line in enumerate(money_lines(forecast)):
        yield f"- {_escaped(line)}" if number or forecast.is_empty else f"- **{_escaped(line)}**"
    dearest = sorted(forecast.agents, key=lambda one: -abs((one.after or 0) - (one.before or 0)))[:10]
    if dearest:
        yield ""
        yield "| agent | calls | before | after |"
        yield "| --- | ---: | ---: | ---: |"
        for one in dearest:
            name = _cell(one.agent + (f" in {one.environment}" if one.environment else ""))
            yield f"| {name} | {one.calls:,} | {_dollars(one.before)} | {_dollars(one.after)} |"
    yield ""


def _dollars(amount: float | None) -> str:
    return "unknown" if amount is None else _escaped(dollars(amount))


def _row(entry: Entry) -> str:
    """What an edit comes to is said once: beside it, or in its place where it has no values to show."""
    at = f"`{_code(place(entry))}`" if entry.cause else ""
    edit = "" if is_told_by_meanings(entry) else _cell(what(entry))
    told_at = "<br>".join(filter(None, (at, edit)))
    return f"| {_SIGNS[entry.risk]} | {told_at} | {_cell(reach(entry, _NAMED))} | {_cell(gravest(entry))} |"


def _details(entry: Entry) -> str:
    """Folded: every meaning, the agents, and instructions word by word. Nothing where the row says it all."""
    meanings = entry.ordered_meanings()
    words, no_words = word_diff(entry), no_word_diff(entry)
    if len(meanings) < 2 and not words and not no_words and not entry.also and len(entry.names) <= _NAMED:
        return ""
    at = f" ({_html(place(entry))})" if entry.cause else ""
    lines = [f"\n<details><summary>{_html(shortened(what(entry), _LONGEST_CELL))}{at}</summary>\n"]
    lines += [f"- {_SIGNS[meaning.risk]} · {_bounded(''.join(told(meaning)))}" for meaning, _ in meanings]
    for names, environments in groups(entry) if len(entry.names) > _NAMED else ():
        where = f" in {', '.join(environments)}" if environments else ""
        lines.append(f"- {count(len(names), 'agent')}{_escaped(where)}: {_escaped(', '.join(names[:200]))}")
    if entry.also:
        lines.append(f"- and with it: {_bounded(also(entry))}")
    if no_words:
        lines.append(f"- {no_words}")
    if words:
        lines += ["", f"<p>{''.join(_word(sign, text) for sign, text in words)}</p>"]
    return "\n".join([*lines, "", "</details>"])


def _word(sign: str, text: str) -> str:
    """HTML on one line, in which no Markdown is read."""
    if sign == "=":
        return _html(shortened(text, _CONTEXT))
    said, blank = parted(text)
    said, blank = _html(shortened(said, _LONGEST_PIECE // 2)), _html(blank)
    return f"<del>{said}</del>{blank}" if sign == "-" else f"<ins><b>{said}</b></ins>{blank}"


def _cell(text: str) -> str:
    return _bounded(text).replace("|", "\\|").replace("\n", " ")


def _bounded(text: str) -> str:
    return _escaped(shortened(text, _LONGEST_CELL // 2))


def _code(text: str) -> str:
    """For a code span in a table: nothing that ends it, or that makes a backslash of ours stand for itself."""
    return _BEFORE_A_BAR.sub("\\g<0>\u200b", printable(text).replace("`", "'")).replace("|", "\\|")


def _html(text: str) -> str:
    """For a block of HTML, in which no Markdown is read."""
    return "<br>".join(html.escape(_unlinked(printable(line)), quote=False) for line in text.split("\n"))


def _escaped(text: str) -> str:
    """A text that is text, and no markup, no mention and no link."""
    said = html.escape("\n".join(map(printable, text.split("\n"))), quote=False)
    return _unlinked(_MARKUP.sub(r"\\\g<0>", said))


def _unlinked(text: str) -> str:
    """GitHub makes links of names, numbers and addresses wherever they stand: a mark of no width keeps it off."""
    return _LINKED.sub("\\g<0>\u200b", text)
