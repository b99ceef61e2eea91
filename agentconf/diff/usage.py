"""Recorded usage, and what a change would have cost over the same period.

A record says of one agent and one model how many calls there were and how many tokens they took. CSV with a heading, or
a JSON object a line; the names of the columns are those of `Record`. Others are passed over.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agentconf.errors import AgentconfError

_NUMBERS: Final = ("calls", "input_tokens", "output_tokens")


class UnreadableUsage(AgentconfError):
    """A file of usage that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Record:
    """`environment` is None where the record does not say one: then it counts in each."""

    agent: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    environment: str | None = None


def read_usage(text: str) -> list[Record]:
    """The records of a file; none where it is empty. Raises UnreadableUsage."""
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("["):
        raise UnreadableUsage("the usage is a list; write one JSON object a line, or CSV")
    if not text.strip():
        return []
    rows = _json_lines(text) if text.lstrip().startswith("{") else _csv_rows(text)
    return [_record(number, row) for number, row in rows]


def _json_lines(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                raise UnreadableUsage(f"line {number} of the usage is no JSON object") from None
            if not isinstance(row, dict):
                raise UnreadableUsage(f"line {number} of the usage is no JSON object")
            yield number, row


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    missing = [name for name in ("agent", "model", *_NUMBERS) if name not in (reader.fieldnames or ())]
    if missing:
        way_out = "its first line must name them, with commas between"
        raise UnreadableUsage(f"the usage has no column {', '.join(missing)}; {way_out}")
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise UnreadableUsage(f"line {reader.line_num} of the usage cannot be read: {error}") from None


def _record(number: int, row: Mapping[str, Any]) -> Record:
    for name in ("agent", "model"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise UnreadableUsage(f"line {number} of the usage says no {name}")
    calls, tokens_in, tokens_out = (_count(number, name, row.get(name)) for name in _NUMBERS)
    environment = str(row.get("environment") or "") or None
    return Record(row["agent"].strip(), row["model"].strip(), calls, tokens_in, tokens_out, environment)


def _count(number: int, name: str, value: Any) -> int:
    """A whole number from 0; 1200.0 is one too, and 1e400 is none."""
    try:
        said = float(value)
        count = round(said) if said.is_integer() and not isinstance(value, bool) else -1
    except (TypeError, ValueError, OverflowError):
        count = -1
    if not 0 <= count < 1 << 63:
        raise UnreadableUsage(f"line {number} of the usage: {name} must be a whole number from 0")
    return count


def by_agent(records: Iterable[Record], environment: str | None) -> dict[str, list[Record]]:
    """The records that count in an environment, by agent."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record.environment in {None, environment}:
            found.setdefault(record.agent, []).append(record)
    return found
