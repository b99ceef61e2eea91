"""What was used, as people and programs read it."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agentconf import pipeline
from agentconf.cli.agents import Agents
from agentconf.cli.budgets import Spend, period, standing
from agentconf.cli.usage_table import dollars
from agentconf.diff.usage import read_usage
from agentconf.live.load import load
from agentconf.runtime.limits.ask import Ask, Spent
from agentconf.runtime.limits.guard import Guard
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.runtime.prices import Price
from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.store import UsageStore
from agentconf.source.folder import read_folder
from tests.cli.console import Console, in_a_process, on_a_terminal
from tests.runtime.usage.support import DAY_S, NOON, call

AGENT = "owner: a@example.com\nllm: {model: openai/small}\n"
MODELS = """
models:
  openai/small: {mode: chat, input_per_million: 1, output_per_million: 4}
  openai/large: {mode: chat, input_per_million: 5, output_per_million: 20}
"""


@pytest.fixture
def store(console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[UsageStore]:
    """The record in the state folder of a user of their own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("AGENTCONF_USAGE_URL", raising=False)
    made = UsageStore()
    yield made
    made.close()


@pytest.fixture
def used(store: UsageStore) -> UsageStore:
    """A day of two agents, with a fallback, a failure, and a model that nobody knows the price of."""
    store.write([call("a", latency_s=number / 10) for number in range(1, 19)])
    store.write([call("a", model="openai/large")])
    store.write([call("a", model=None, error="Timeout", cost_usd=None, tokens=Tokens())])
    store.write([call("b", at=NOON + DAY_S, cost_usd=None, variant="v", tokens=Tokens(5, 5, is_estimated=True))])
    return store


def test_without_a_record_it_says_where_one_will_be(console: Console, store: UsageStore) -> None:
    done = console("usage")
    assert (done.status, done.out) == (0, "")
    assert done.err == f"there is no record of calls yet: {store.place} is begun by the first call of an AgentClient\n"
    assert console("usage", "--format", "json").out == ""
    assert console("usage", "--format", "csv").out.startswith("agent,environment,model,calls,")
    assert not Path(store.place).exists()


def test_by_agent_for_people(console: Console, used: UsageStore) -> None:
    done = console("usage")
    assert done.err == ""
    assert done.out == """\
calls from 2026-11-20 12:00 to 2026-11-21 12:00 UTC
agent  calls   input  output    cost $  p50 s  p95 s  errors  fallbacks
a         20   1,900     190      9.50   0.90   1.80    5.0%       5.0%
b          1      ~5      ~5         ?   0.25   0.25       -          -
total     21  ~1,905    ~195  9.50 + ?   0.80   1.70    4.8%       4.8%
? the cost of 1 call is not known, and not counted; see 'agentconf models show'
~ some of these tokens are estimated, since the provider did not say how many there were
"""


@pytest.mark.parametrize(
    ("by", "first"),
    [("model", ["openai/small", "openai/large"]), ("day", ["2026-11-20", "2026-11-21"]), ("variant", ["a", "b"]),
     ("environment", ["prod"])],
)  # fmt: skip
def test_by_other_keys(console: Console, used: UsageStore, by: str, first: list[str]) -> None:
    lines = console("usage", "--by", by).out.splitlines()[2:]
    assert [line.split()[0] for line in lines[: len(first)]] == first


def test_a_part_of_it(console: Console, used: UsageStore) -> None:
    def calls(*options: str) -> int:
        said = console("usage", "--format", "json", *options).out
        return sum(json.loads(line)["calls"] for line in said.splitlines())

    assert calls("--since", "2026-11-21") == 1
    assert calls("--until", "2026-11-20") == 20
    assert calls("--until", "2026-11-20T12:00") == 0
    assert calls("--since", "2026-11-20T14:00+02:00") == 21
    assert calls("--agent", "b") == 1
    assert calls("-a", "b", "-a", "a", "-e", "prod") == 21
    assert calls("-e", "dev") == 0
    done = console("usage", "-e", "dev")
    assert (done.status, done.out) == (0, "")
    assert "no such calls are recorded" in done.err


def test_a_name_of_which_nothing_is_recorded_is_told(console: Console, store: UsageStore) -> None:
    store.write([call("translator")])
    said = "and none at all of the agent 'translatr'; did you mean 'translator'?"
    assert said in console("usage", "--agent", "translatr").err
    assert "none at all of the environment 'stage'" in console("usage", "-e", "stage").err
    assert "there is no folder 'nowhere'" in console("usage", "nowhere").err
    assert console("usage", "--agent", "translator", "--since", "1h").err.strip().endswith("usage.sqlite3")


def test_a_time_that_ends_before_it_begins_is_refused(console: Console, store: UsageStore) -> None:
    done = console("usage", "--since", "1d", "--until", "2d")
    assert (done.status, done.out) == (2, "")
    assert "--since is later than --until" in done.err


def test_how_long_ago(console: Console, store: UsageStore) -> None:
    store.write([call("old", at=time.time() - 3 * DAY_S), call("new", at=time.time() - 60)])
    assert "old" not in console("usage", "--since", "24h").out
    assert "old" in console("usage", "--since", "1w").out
    done = console("usage", "--since", "yesterday")
    assert done.status == 2
    assert "must be a day (2026-11-21), a time" in done.err


def test_of_one_tree_however_it_was_named(console: Console, store: UsageStore) -> None:
    trees = ("agents.d", str(console.folder / "agents.d"), "elsewhere")
    store.write([call(f"a{number}", tree=tree) for number, tree in enumerate(trees)])
    said = console("usage", "agents.d", "--format", "json").out
    assert [json.loads(line)["agent"] for line in said.splitlines()] == ["a0", "a1"]


def test_calls_that_users_paid_are_apart(console: Console, used: UsageStore) -> None:
    used.write([call("mine", is_own=True)])
    done = console("usage")
    assert "mine" not in done.out
    assert done.err == "1 call that callers' users paid themselves, see --own, is not counted here\n"
    assert "mine" in console("usage", "--own").out


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("by", ["agent", "model", "day", "variant", "environment"])
def test_diff_reads_it(console: Console, used: UsageStore, form: str, by: str) -> None:
    records = read_usage(console("usage", "--format", form, "--by", by).out)
    assert sum(record.calls for record in records) == 21
    assert sum(record.input_tokens for record in records) == 1_905
    assert {(record.agent, record.model, record.environment) for record in records} == {
        ("a", "openai/small", "prod"), ("a", "openai/large", "prod"), ("b", "openai/small", "prod"),
    }  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "json"])
def test_diff_tells_what_it_would_have_cost(console: Console, used: UsageStore, form: str) -> None:
    for side, model in (("before", "openai/small"), ("after", "openai/large")):
        console.write(f"{side}/a.yaml", AGENT.replace("openai/small", model))
        console.write(f"{side}/_models.yaml", MODELS)
        console.write(f"{side}/_environments/prod.yaml", "{}\n")
    console.write("usage.out", console("usage", "-e", "prod", "-a", "a", "--format", form).out)
    done = console("diff", "before", "after", "--usage", "usage.out")
    assert "over the recorded period: $0.0027 before, $0.0133 after (+$0.0106, +400%)" in done.out


def test_csv_and_json_say_the_same(console: Console, used: UsageStore) -> None:
    rows = list(csv.DictReader(io.StringIO(console("usage", "--format", "csv").out)))
    lines = [json.loads(line) for line in console("usage", "--format", "json").out.splitlines()]
    assert [list(row) for row in rows] == [list(line) for line in lines]
    first, unknown = lines[0], next(line for line in lines if line["agent"] == "b")
    assert first["agent"] == "a"
    assert (first["calls"], first["failed"], first["fallbacks"], first["cost_usd"]) == (19, 1, 0, 9.0)
    assert (unknown["cost_usd"], unknown["calls_of_unknown_cost"], unknown["tokens_estimated"]) == (None, 1, True)
    assert next(row for row in rows if row["agent"] == "b")["cost_usd"] == ""


def test_bars_on_a_terminal_alone(console: Console, used: UsageStore, tmp_path: Path) -> None:
    assert "█" not in console("usage").out
    there = {"XDG_STATE_HOME": str(tmp_path / "state"), "NO_COLOR": "1"}
    done = on_a_terminal("usage", folder=console.folder, **there, COLUMNS="100")
    assert "█" * 16 in done.out.splitlines()[2]
    assert "█" not in done.out.splitlines()[3]
    narrow = on_a_terminal("usage", folder=console.folder, **there, COLUMNS="60")
    assert "█" not in narrow.out  # each line would be broken


def test_what_acts_on_a_terminal_is_escaped(console: Console, store: UsageStore) -> None:
    store.write([call("a\x1b[31m", model="x\ny")])
    assert "a\\x1b[31m" in console("usage").out
    assert "x\\ny" in console("usage", "--by", "model").out


def test_without_sqlalchemy_the_extra_is_named(console: Console, tmp_path: Path) -> None:
    (tmp_path / "without" / "sqlalchemy").mkdir(parents=True)
    (tmp_path / "without" / "sqlalchemy" / "__init__.py").write_text("raise ImportError('no such package')\n")
    repository = Path(__file__).resolve().parents[2]
    done = in_a_process("usage", folder=console.folder, PYTHONPATH=f"{tmp_path / 'without'}:{repository}")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "agentconf: the record of calls needs SQLAlchemy, which the extra `litellm` brings:"
        " pip install 'agentconf-gitops[litellm]'\n"
    )


def test_a_record_that_cannot_be_read_is_told(console: Console, store: UsageStore) -> None:
    Path(store.place).write_text("no database\n" * 500)
    done = console("usage")
    assert done.status == 2
    assert f"the record of calls in {store.place} cannot be used: file is not a database; move it away" in done.err


def test_a_url_shows_no_password(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTCONF_USAGE_URL", "postgresql+psycopg://me:hunter2@127.0.0.1:1/usage")
    done = console("usage")
    assert done.status == 2
    assert "postgresql://127.0.0.1:1/usage" in done.err
    assert "hunter2" not in done.err + done.out


BUDGET = AGENT + "limits: {budget: {usd: 2, per: day}}\n"


def test_budget_against_spend_of_the_period_under_way(console: Console, store: UsageStore) -> None:
    console.write("agents.d/a.yaml", BUDGET)
    console.write("agents.d/b.yaml", BUDGET.replace("day", "month"))
    console.write("agents.d/c.yaml", BUDGET)
    console.write("agents.d/d.yaml", AGENT)
    console.write("agents.d/_environments/prod.yaml", "{}\n")
    begin, end = period("day", datetime.now(UTC))
    at = begin.timestamp() + 1
    store.write([call("a", tree="agents.d", at=at), call("a", tree="agents.d", at=at, cost_usd=None),
                 call("a", tree="agents.d", at=at, environment="dev"), call("a", tree="elsewhere", at=at),
                 call("a", tree="agents.d", at=at - 60), call("a", tree="agents.d", at=at, is_own=True),
                 call("b", tree="agents.d", at=at, cost_usd=1.5)])  # fmt: skip
    out = console("usage").out
    assert "agent  environment  budget $  per       spent $  share  next period begins, UTC" in out
    lines = [line.split() for line in out.splitlines()]
    assert ["b", "prod", "2.00", "month", "1.50", "75%"] in [line[:6] for line in lines]
    assert ["a", "prod", "2.00", "day", "0.5000", "+", "?", "25%", *end.strftime("%Y-%m-%d %H:%M").split()] in lines
    assert "1 budget is untouched in the period that is under way; see --by budget" in out
    assert "budget" not in console("usage", "--by", "model").out


def test_budgets_by_themselves(console: Console, store: UsageStore) -> None:
    console.write("agents.d/a.yaml", BUDGET)
    assert "0%" in console("usage", "--by", "budget").out
    said = json.loads(console("usage", "--by", "budget", "--format", "json").out)
    assert said == {"agent": "a", "environment": None, "usd": 2.0, "per": "day", "spent_usd": 0.0,
                    "resets_at": said["resets_at"], "calls_of_unknown_cost": 0}  # fmt: skip
    assert console("usage", "--by", "budget", "--format", "csv").out.splitlines()[1].startswith("a,,2")
    assert "no agent has a budget here" in console("usage", "nowhere", "--by", "budget").err


def test_what_the_limits_have_counted_is_what_is_spent(console: Console, store: UsageStore) -> None:
    console.write("agents.d/a.yaml", BUDGET)
    console.write("agents.d/b.yaml", BUDGET)
    here = {"tree": "agents.d", "environment": None, "at": time.time()}
    store.write([call(name, **here, cost_usd=0.5) for name in ("a", "b")])
    guard = Guard(SQLiteLimits())
    price = Price(1, 1)
    agent = load("agents.d")["a"]
    guard.enter(Ask(agent, os.path.abspath("agents.d"), "openai/small", price, Tokens())).leave(Spent(Tokens(), 1.25))
    guard.close()
    said = [json.loads(line) for line in console("usage", "--by", "budget", "--format", "json").out.splitlines()]
    assert {one["agent"]: one["spent_usd"] for one in said} == {"a": 1.25, "b": 0.5}


def test_the_spend_may_come_from_elsewhere(console: Console) -> None:
    console.write("agents.d/a.yaml", BUDGET)
    console.write("agents.d/b.yaml", BUDGET)
    agents = Agents(pipeline.draft(read_folder("agents.d")), None)
    asked = []

    def ledger(environment: str | None, per: str, begins: datetime) -> Mapping[str, Spend]:
        asked.append((environment, per, begins))
        return {"b": Spend(3.0)}

    now = datetime(2026, 11, 21, 13, 45, tzinfo=UTC)
    found = standing(agents.resolved.values(), ledger, now)
    assert [(one.agent, one.spent_usd, one.share) for one in found] == [("b", 3.0, 1.5), ("a", 0.0, 0.0)]
    assert asked == [(None, "day", datetime(2026, 11, 21, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("per", "begins", "ends"),
    [("hour", (2026, 12, 31, 23), (2027, 1, 1)), ("day", (2026, 12, 31), (2027, 1, 1)),
     ("month", (2026, 12, 1), (2027, 1, 1))],
)  # fmt: skip
def test_periods_are_of_utc(per: str, begins: tuple[int, int, int], ends: tuple[int, int, int]) -> None:
    now: Any = datetime(2027, 1, 1, 1, 30, tzinfo=UTC) - timedelta(hours=2)
    assert period(per, now) == (datetime(*begins, tzinfo=UTC), datetime(*ends, tzinfo=UTC))


def test_small_sums_are_seen() -> None:
    assert [dollars(value) for value in (0, 0.00042, 0.5, 1)] == ["0.00", "0.0004", "0.5000", "1.00"]
    assert dollars(12345.678) == "12,345.68"
