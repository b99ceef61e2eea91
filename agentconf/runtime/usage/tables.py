"""The tables of the record. `VERSION` counts their shapes: a newer one is not written by an older program."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, MetaData, Table, Text

VERSION: Final = 1

METADATA: Final = MetaData()

SHAPE: Final = Table("agentconf_usage", METADATA, Column("version", Integer, primary_key=True, autoincrement=False))
"""One row: the shape that the other table has."""

CALLS: Final = Table(
    "agentconf_calls",
    METADATA,
    # SQLite counts by itself in a column of exactly this type alone
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Double, nullable=False, index=True),
    Column("day", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("tree", Text, nullable=False),
    Column("environment", Text),
    Column("digest", Text, nullable=False),
    Column("variant", Text),
    Column("model_asked", Text, nullable=False),
    Column("model", Text),
    Column("provider", Text),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("is_estimated", Boolean, nullable=False),
    Column("cost_usd", Double),
    Column("latency_s", Double, nullable=False),
    Column("first_token_s", Double),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("is_stream", Boolean, nullable=False),
    Column("is_own", Boolean, nullable=False),
    Column("chain", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("prompt", Text),
    Column("answer", Text),
    Column("batch", Text, nullable=False),
)
"""A row a call. `day` is that of `at`, in UTC; `chain` and `tags` are JSON; `batch` is what was written at once."""
