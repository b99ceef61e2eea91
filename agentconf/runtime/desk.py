"""Where calls are prepared and settled: the agent as it is now, its models, limits, and the record of what was used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import EllipsisType, TracebackType
from typing import Any, Self

from pydantic import SecretStr

from agentconf.config.agent import Agent
from agentconf.config.secrets import SecretReference
from agentconf.config.variant import chosen_variant, with_variant
from agentconf.live.metrics import Metric
from agentconf.runtime.abandoned import ABANDONED
from agentconf.runtime.answer import Answer
from agentconf.runtime.chain import chain_above
from agentconf.runtime.clients import Clients
from agentconf.runtime.cooling import DEFAULT_FAILURES, DEFAULT_SECONDS, Cooling
from agentconf.runtime.course import Call, Consulted, Course
from agentconf.runtime.limits.alert import Alert
from agentconf.runtime.limits.guard import Guard
from agentconf.runtime.limits.sqlite import SQLiteLimits
from agentconf.runtime.limits.store import LimitStore
from agentconf.runtime.own import Own
from agentconf.runtime.plan import Plan
from agentconf.runtime.prices import Prices
from agentconf.runtime.recording import Recording
from agentconf.runtime.reply import mark, text_of_reply, tokens_of
from agentconf.runtime.state import tree_name
from agentconf.runtime.streaming import Gathered, Settlement
from agentconf.runtime.telemetry import CallSpan, start
from agentconf.runtime.tokens import Tokens
from agentconf.runtime.usage.store import UsageStore
from agentconf.runtime.wish import Wish
from agentconf.secrets.allowed import allowed_by
from agentconf.secrets.reveal import Ground, reveal
from agentconf.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Options:
    """Where usage and limits are kept, and whom to tell.

    `usage` is a UsageStore, the URL of one, or None to record nothing; by default AGENTCONF_USAGE_URL, else a file of
    the user's. `limits` is a LimitStore; by default a file of the user's, which all processes of this machine share.
    `on_alert` is called once a period when a budget reaches its `alert_at`. A provider that fails `cooldown_failures`
    times in a row is passed over for `cooldown_s` seconds. `keeps_texts` records prompts and answers, too.
    """

    usage: UsageStore | str | EllipsisType | None = ...
    limits: LimitStore | None = None
    on_alert: Callable[[Alert], None] | None = None
    cooldown_failures: int = DEFAULT_FAILURES
    cooldown_s: float = DEFAULT_SECONDS
    keeps_texts: bool = False

    def __post_init__(self) -> None:
        """Raises TypeError."""
        if self.limits is not None and not hasattr(self.limits, "enter"):
            raise TypeError("limits is a LimitStore, such as SQLiteLimits(path)")
        if not (self.usage is None or self.usage is ... or isinstance(self.usage, str) or hasattr(self.usage, "write")):
            raise TypeError("usage is a UsageStore, the URL of one, or None")


class Desk:
    """One for a client. What is worked out of an agent is kept while the agent stays the same object."""

    def __init__(self, conf: Any, own: Own | None, options: Options) -> None:
        self._conf = conf
        self._own = own
        self._options = options
        self._lock = threading.Lock()
        self._guard: Guard | None = None
        self._plans: dict[tuple[str, str | None], Plan] = {}
        self._ground: Ground | None = None
        self._prices: Prices | None = None
        self._seen: Snapshot | None = None
        self._tree = ""
        self._cooling = Cooling(options.cooldown_failures, options.cooldown_s)
        self._clients = Clients()
        self.recording = Recording(options.usage, keeps_texts=options.keeps_texts)

    @property
    def snapshot(self) -> Snapshot:
        """The newest."""
        found = self._conf if isinstance(self._conf, Snapshot) else self._conf.snapshot
        assert isinstance(found, Snapshot)
        return found

    def open(self, wish: Wish) -> Opened:
        """Everything a call needs, of one snapshot. Raises AgentNotFound, NoModel and TypeError."""
        ABANDONED.settle()
        snapshot = self.snapshot
        if snapshot is not self._seen:
            self._renew(snapshot)
        agent, said = snapshot[wish.agent_id], wish.arguments()
        wish.require_numbers()
        variant = chosen_variant(agent, wish.key, _today())
        plan = self._plan(snapshot, agent, variant)
        own = wish.own or self._own
        is_own = own is not None and wish.model is None and not plan.selects_its_model
        steps = plan.steps_for(wish.model, own if is_own else None, wish.retries)
        call = Call(
            agent=plan.agent,
            messages=wish.with_instructions(plan.agent.instructions),
            said=said,
            tree=self._tree,
            digest=snapshot.digests.get(agent.id, ""),
            variant=variant,
            chain=wish.chain or chain_above(agent.id),
            tags=wish.tags,
            is_stream=wish.is_stream,
            is_own=is_own,
            secrets=own.secrets() if is_own and own is not None else (),
        )
        guard = None if is_own else self._guarding(plan.agent)
        consulted = Consulted(self._reveal, self._cooling, self._clients, guard)
        return Opened(wish, Course(call, steps, consulted), self.recording)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What the guard counts; nothing where no agent with limits was called."""
        return self._guard.metrics if self._guard is not None else ()

    @property
    def reveals_elsewhere(self) -> bool:
        """Whether secrets are somebody else's to reveal, who is asked over the network."""
        return getattr(self._conf, "reveal", None) is not None

    def flush(self, timeout: float) -> bool:
        ABANDONED.settle()
        return self.recording.flush(timeout)

    def close(self) -> None:
        ABANDONED.settle()
        if self._guard is not None:
            self._guard.pay()
        self.recording.close()

    def _renew(self, snapshot: Snapshot) -> None:
        with self._lock:
            if snapshot is self._seen:
                return
            self._ground = Ground(allowed_by(snapshot.settings), snapshot.origin.path or None)
            self._prices = Prices(snapshot)
            self._tree = tree_name(snapshot.origin.path)
            self.recording.keep(self._tree, snapshot.settings)
            if self._seen is not None:
                self._clients.reloaded(snapshot)
                self._plans = {}  # prices may have moved, too; an agent is planned anew in some 50 microseconds
            self._seen = snapshot

    def _plan(self, snapshot: Snapshot, agent: Agent, variant: str | None) -> Plan:
        key = (agent.id, variant)
        plan = self._plans.get(key)
        if plan is None or plan.source is not agent:
            assert self._prices is not None, "the snapshot has been seen"
            chosen = agent if variant is None else with_variant(agent, variant)
            plan = self._plans[key] = Plan(snapshot, agent, chosen, self._prices, variant)
        return plan

    def _guarding(self, agent: Agent) -> Guard | None:
        """What holds the agent to its limits; opened when the first that has any is called."""
        if agent.limits is None:
            return None
        if self._guard is None:
            with self._lock:
                if self._guard is None:
                    self._guard = Guard(self._options.limits or SQLiteLimits(), self._options.on_alert)
        return self._guard

    def _reveal(self, reference: SecretReference, agent: Agent) -> str:
        """By whoever the agents come from, where that reveals secrets itself; else on this machine."""
        elsewhere = getattr(self._conf, "reveal", None)
        found: SecretStr = elsewhere(reference, agent) if elsewhere else reveal(reference, self._ground)
        return found.get_secret_value()


@dataclass(slots=True)
class Opened:
    """A call under way. Leaving it without an answer settles what it may have cost, and records the error."""

    wish: Wish
    course: Course
    recording: Recording
    span: CallSpan = field(init=False)

    def __post_init__(self) -> None:
        call = self.course.call
        self.span = start(call.agent.id, self.course.asked, self.course.provider)

    def replied(self, reply: Any) -> None:
        """The whole reply is there: settle it, and say in it how it came about."""
        tokens = tokens_of(reply, self.course.step.connection_model, self.course.call.messages)
        mark(reply, self.answered(tokens, text_of_reply(reply)))

    def answered(self, tokens: Tokens, text: str) -> Answer:
        """The call is over, and well."""
        answer = self.course.answered(tokens)
        record = self.recording.of_answer(self.course, answer, text)
        self.span.finish(record)
        self.recording.record(record)
        return answer

    def ended(self, error: BaseException, tokens: Tokens | None = None) -> None:
        """The call is over without an answer, once."""
        if self.course.is_over:
            return
        used = tokens or (self.course.may_have_used() if self.course.is_under_way else Tokens())
        self.course.given_up(used)
        record = self.recording.of_error(self.course, error, used)
        self.span.finish(record)
        self.recording.record(record)

    def streaming(self, gathered: Gathered) -> Settlement:
        """What a stream is settled by when it ends."""
        self.course.tokens_came()
        self.span.leave()
        return Settlement(self._stream_ended, gathered)

    @contextmanager
    def unless_streaming(self) -> Iterator[None]:
        """Until the stream has begun, an error ends the call."""
        try:
            yield
        except BaseException as error:
            self.ended(error)
            raise

    def _stream_ended(self, gathered: Gathered, source: Any, error: BaseException | None) -> Answer | None:
        course = self.course
        tokens = gathered.tokens(source, course.step.connection_model, course.call.messages)
        if error is None:
            return self.answered(tokens, gathered.text)
        course.hush(error)
        self.ended(error, tokens)
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self.ended(error)


def _today() -> date:
    return datetime.now(UTC).date()


