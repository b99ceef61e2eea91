"""The course of one call: which model is tried next, and what came of each. It calls nothing itself.

The synchronous and the asynchronous client walk the same course: `enter`, call with `arguments`, then `failed` or
`answered`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from agentconf.config.agent import Agent
from agentconf.config.secrets import SecretReference
from agentconf.errors import AgentconfError, BudgetExceeded, LimitExceeded, PriceUnknown
from agentconf.frozen import FrozenDict
from agentconf.runtime import door
from agentconf.runtime.answer import Answer, Attempt
from agentconf.runtime.clients import Clients
from agentconf.runtime.cooling import Cooling
from agentconf.runtime.estimate import estimated_input, estimated_tokens
from agentconf.runtime.hush import hushed
from agentconf.runtime.limits.ask import Ask, Spent
from agentconf.runtime.limits.guard import Guard, Passage
from agentconf.runtime.limits.settle import settle
from agentconf.runtime.plan import Step
from agentconf.runtime.tokens import Tokens

COOLING: Final = "CoolingDown"
RATE_LIMITED: Final = 429


class Secrets(Protocol):
    """Reveals a reference for an agent, at the last moment. Raises SecretUnavailable."""

    def __call__(self, reference: SecretReference, agent: Agent) -> str: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the agent as it is for it, and what the caller says."""

    agent: Agent
    messages: Sequence[Any]
    said: Mapping[str, Any] = field(default_factory=FrozenDict)
    tree: str = ""
    digest: str = ""
    variant: str | None = None
    chain: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=FrozenDict)
    is_stream: bool = False
    is_own: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Consulted:
    """What the course of a call consults. `guard` is None where nothing limits the call."""

    secrets: Secrets
    cooling: Cooling
    clients: Clients
    guard: Guard | None = None


class Course:
    """Made for one call, over by `answered` or `given_up`."""

    def __init__(self, call: Call, steps: Sequence[Step], consulted: Consulted) -> None:
        self.call = call
        self.asked = steps[0].model
        self.provider = steps[0].provider
        self.attempts: list[Attempt] = []
        self.began_at = time.time()
        self.began = time.perf_counter()
        self.first_token_s: float | None = None
        self.cost_usd: float | None = 0.0
        self.is_over = False
        self.calls = 0
        """To providers, so far."""
        self.is_under_way = False
        """Whether something was sent that may have cost, and nobody has said what."""
        self._steps = list(steps)
        self._guard = consulted.guard
        self._cooling = consulted.cooling
        self._secrets = consulted.secrets
        self._clients = consulted.clients
        self._step: Step | None = None
        self._tries = 0
        self._passage: Passage | None = None
        self._is_beyond_budget = False
        self._first_error: BaseException | None = None
        self._revealed: list[str] = list(call.secrets)
        self._tried_at = 0.0

    # -- before a call

    def enter(self, *, wait: bool = True) -> None:
        """Choose the model to try, and take what the limits allow for it.

        Raises LimitExceeded; with `wait=False` also Busy, after which it may be called again.
        """
        self._tried_at = 0.0
        while True:
            if self._step is None:
                self._step = self._next()
            try:
                self._pass(self._step, wait=wait)
            except (BudgetExceeded, PriceUnknown) as error:
                self._go_elsewhere(error)
            else:
                break
        self._tried_at = time.perf_counter()

    def arguments(self) -> dict[str, Any]:
        """LiteLLM's arguments for the model that is tried. Raises what makes that impossible: hand it to `failed`."""
        call, step = self.call, self.step
        found = step.arguments(self._reveal, call.said, stream=call.is_stream)
        if step.connection is not None and step.connection.is_stated and not call.is_own:
            self._clients.used(call.agent.id, step.connection, found)
        self.calls += 1
        self.is_under_way = True
        if found.get("tools"):
            found |= door.beside_tools()
        return {**found, "messages": list(call.messages), "max_retries": 0}

    @property
    def step(self) -> Step:
        if self._step is None:
            raise AgentconfError("no model has been chosen yet; call enter first")
        return self._step

    @property
    def age_s(self) -> float:
        """How long the call has lasted, in seconds."""
        return time.perf_counter() - self.began

    # -- after it

    def failed(self, error: Exception) -> float:
        """How long to wait, in seconds, before the next try. Raises the error where there is nothing left to try.

        An error that is not a provider's is raised at once. It is that of the first model that is raised: those of the
        others stand in its notes.
        """
        error = door.unwrapped(error)
        self.hush(error)
        self.is_under_way = False
        if isinstance(error, LimitExceeded) or not self._is_of_a_model(error):
            raise error
        step = self.step
        self._note(step, type(error).__name__, getattr(error, "status_code", None))
        self._first_error = self._first_error or error
        can_retry = not isinstance(error, AgentconfError) and door.may_get_better(error)
        is_cold = can_retry and self._cools(step, error)
        if can_retry and not is_cold and self._tries < step.retries:
            self._tries += 1
            return door.pause_s(error, self._tries - 1)
        if not self._steps:
            raise self._final()
        if not isinstance(error, AgentconfError) and door.is_about_context(error):
            self._larger_first(step)
        self._step, self._tries = None, 0
        return 0.0

    def hush(self, error: BaseException) -> None:
        """Take the secrets of this call out of an error: providers repeat keys."""
        hushed(error, self._revealed)

    def tokens_came(self) -> None:
        """The first token of an answer is there: from now on nothing is tried again."""
        if self.first_token_s is None:
            self.first_token_s = time.perf_counter() - self.began

    def answered(self, tokens: Tokens) -> Answer:
        """The call is over, and well."""
        step, call = self.step, self.call
        cost = None if step.price is None else step.price.cost(tokens)
        self._leave(Spent(tokens, cost))
        if not call.is_own:
            self._cooling.answered(*step.places)
        now = time.perf_counter()
        self.attempts.append(Attempt(step.model, now - self._tried_at))
        return Answer(
            agent=call.agent.id,
            model=step.model,
            attempts=tuple(self.attempts),
            variant=call.variant,
            environment=call.agent.environment,
            digest=call.digest,
            chain=call.chain,
            is_own=call.is_own,
            tokens=tokens,
            cost_usd=cost,
            latency_s=now - self.began,
            first_token_s=self.first_token_s,
        )

    def given_up(self, tokens: Tokens) -> None:
        """The call is over without an answer; `tokens` is what it may have cost all the same."""
        if self.is_over:
            return
        step = self._step
        price = step.price if step is not None else None
        self.cost_usd = price.cost(tokens) if price is not None else 0.0 if tokens.total == 0 else None
        self._leave(Spent(tokens, self.cost_usd))

    def may_have_used(self) -> Tokens:
        """What a call that was cut off may have used: its messages were sent."""
        return Tokens(estimated_input(self.call.messages), is_estimated=True)

    # -- parts of it

    def _next(self) -> Step:
        """The first that does not cool down; the first of all where all do."""
        for index, step in enumerate(self._steps):
            if not self._cooling.is_cooling(*step.places):
                for passed_over in self._steps[:index]:
                    self._note(passed_over, COOLING)
                return self._steps.pop(index)
        return self._steps.pop(0)

    def _go_elsewhere(self, error: LimitExceeded) -> None:
        """From a model that the budget does not let in: to a cheaper one, or where one has failed, to the next."""
        may_fall_back = isinstance(error, BudgetExceeded) and error.may_fall_back
        cheaper = self._cheaper() if may_fall_back else None
        has_next = self._first_error is not None and bool(self._steps)
        if cheaper is None and not has_next:
            raise error
        self._note(self.step, type(error).__name__)
        if cheaper is not None:
            self._steps.remove(cheaper)
            self._is_beyond_budget = True
        self._step, self._tries = cheaper, 0

    def _pass(self, step: Step, *, wait: bool) -> None:
        if self._guard is None:
            return
        ask = self._ask(step)
        if self._passage is None:
            self._passage = self._guard.enter(ask, wait=wait)
        else:
            self._passage.retake(ask, None, wait=wait)

    def _ask(self, step: Step) -> Ask:
        tokens = estimated_tokens(self.call.messages, self.call.said, step.entry)
        return Ask(self.call.agent, self.call.tree, step.model, step.price, tokens, self._is_beyond_budget)

    def _cheaper(self) -> Step | None:
        """The first of the models left that costs less than the one that the budget refuses."""
        price = self.step.price
        if self._is_beyond_budget or price is None:
            return None
        return next((step for step in self._steps if step.price is not None and step.price.is_below(price)), None)

    def _reveal(self, reference: SecretReference) -> str:
        value = self._secrets(reference, self.call.agent)
        self._revealed.append(value)
        return value

    def _is_of_a_model(self, error: Exception) -> bool:
        """Whether another model may fare better."""
        return isinstance(error, AgentconfError | door.provider_error())

    def _cools(self, step: Step, error: Exception) -> bool:
        """Whether what failed is left alone from now on: a whole connection, or one model of it that is overrun."""
        if self.call.is_own:  # what is wrong with a user's own key is nobody else's business
            return False
        connection, model = step.places
        return self._cooling.failed(model if getattr(error, "status_code", None) == RATE_LIMITED else connection)

    def _larger_first(self, step: Step) -> None:
        window = step.window
        if window is not None:
            self._steps.sort(key=lambda one: one.window is None or one.window <= window)  # stable: else in order

    def _note(self, step: Step, error: str, status: int | None = None) -> None:
        latency = time.perf_counter() - self._tried_at if self._tried_at else 0.0
        self.attempts.append(Attempt(step.model, latency, error, status if isinstance(status, int) else None))

    def _final(self) -> BaseException:
        error = self._first_error or AgentconfError("no model answered")
        if self.attempts:
            tried = ", ".join(f"{one.model} ({one.error})" for one in self.attempts)
            error.add_note(f"agent '{self.call.agent.id}' tried {tried}")
        return error

    def _leave(self, spent: Spent) -> None:
        self.is_over = True
        passage, self._passage = self._passage, None
        if passage is not None:
            settle(passage, spent)
