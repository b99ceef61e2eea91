"""Policies over resolved agents: what is violated, at the line that set the value that the policy is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from agentconf import codes
from agentconf.config.provenance import place_of, spoken
from agentconf.config.resolve import Resolved, Resolver
from agentconf.diagnostic import Diagnostic, Related, Span
from agentconf.keypath import KeyPath, render
from agentconf.quoting import shown_path
from agentconf.rules.policies import engine
from agentconf.rules.policies.activation import Find, Subject, activation, connections, measured
from agentconf.rules.policies.bounds import COST_LIMIT, Sizes
from agentconf.rules.policies.policies import EVERYTHING, Expression, Policies, Policy
from agentconf.rules.policies.wanted import Wanted

if TYPE_CHECKING:
    from cel import Context

_TOO_LARGE: Final = "the agent is too large"
_TRIED_LIMIT: Final = 20
_HINT_LENGTH: Final = 200
_NOT_CONFIGURED: Final = frozenset(("models", "providers", "id", "environment", "file"))


def policy_findings(policies: Policies, resolver: Resolver, agent: Resolved, find: Find) -> Iterator[Diagnostic]:
    """Every policy that the agent violates. `find` gives the facts about a model by its name and its provider's type.

    Quick where the agents that policies concern are few: what only `require` reads is made for those alone.
    """
    if not policies.policies:
        return
    judgement = _Judgement(Subject(agent, find))
    judgement.look_at(policies.wanted())
    concerned = judgement.concerned(policies.policies)
    judgement.look_at(policies.wanted([policy for policy, failure in concerned if failure is None]))
    for policy, failure in concerned:
        reason = judgement.reason(policy.require) if failure is None else failure
        if reason is not None:
            yield _Finder(policies, resolver, judgement).finding(policy, reason)


class _Judgement:
    """One agent, with what of it was made for policies so far."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.wanted: Wanted | None = None
        self.sizes = Sizes(0, 0, 0)
        self.values: dict[str, Any] = {}
        self.context: Context | None = None

    def look_at(self, wanted: Wanted) -> None:
        """Make ready what some conditions look at."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.values = activation(self.subject, wanted)
            self.sizes = measured(self.values)
            self.context = engine.context(self.values)

    def concerned(self, policies: tuple[Policy, ...]) -> list[tuple[Policy, str | None]]:
        """Those whose `when` holds; with the reason, those where it has no answer: that is a violation too."""
        found: list[tuple[Policy, str | None]] = []
        for policy in policies:
            answer = True if policy.when is None else self.answer(policy.when)
            if not isinstance(answer, bool):
                found.append((policy, f"'when' has no answer: {_why(answer)}"))
            elif answer:
                found.append((policy, None))
        return found

    def answer(self, expression: Expression) -> Any:
        if not EVERYTHING.holds(self.sizes) and expression.cost(self.sizes) > COST_LIMIT:
            return engine.Failure(_TOO_LARGE)
        return engine.run(expression.program, self.context)

    def reason(self, expression: Expression) -> str | None:
        """None where the condition holds; "" where it does not; else why it has no answer."""
        answer = self.answer(expression)
        if isinstance(answer, bool):
            return None if answer else ""
        return f"'require' has no answer: {_why(answer)}"

    def fails_alone(self, expression: Expression, key: str) -> int | None:
        """Which of the models, or of the connections, fails by itself; None where none does, or none is read."""
        agent = self.values["agent"]
        if not any(path[:1] == (key,) for path in (*expression.uses, *expression.ranges)):
            return None
        for index, item in enumerate(agent[key][:_TRIED_LIMIT]):
            alone = engine.context({**self.values, "agent": {**agent, key: [item]}})
            if engine.run(expression.program, alone) is not True:
                return index
        return None


def _why(answer: Any) -> str:
    return answer.reason if isinstance(answer, engine.Failure) else "it is neither true nor false"


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds the line that a violation is about."""

    policies: Policies
    resolver: Resolver
    judgement: _Judgement

    @property
    def agent(self) -> Resolved:
        return self.judgement.subject.agent

    def finding(self, policy: Policy, reason: str) -> Diagnostic:
        said = policy.message or "it does not hold what is required"
        message = f"policy '{policy.id}': {said}" + (f" ({reason})" if reason else "")
        rule = codes.POLICY_VIOLATION if policy.severity == "error" else codes.POLICY_WARNING
        rule = replace(rule, alias=policy.id)
        path, (file, span) = self.place(policy)
        key = render(shown_path(path)) or None
        related = (self.own_place(policy), *self.connection(policy))
        hint = f"it requires {' '.join(policy.require.text.split())}"[:_HINT_LENGTH]
        agent = self.agent
        return Diagnostic(rule, message, file, span, key, agent.id, agent.environment, hint, related=related)

    def own_place(self, policy: Policy) -> Related:
        document = self.policies.document
        assert document is not None
        span = document.value_span((*policy.at, "id"))
        return Related("the policy", document.file, span.line, span.column)

    def place(self, policy: Policy) -> tuple[KeyPath, tuple[str, Span]]:
        """The first value that the policy reads and a layer has written; else what could hold it; else the file."""
        paths = list(self.paths(policy))
        for path in paths:
            if any(said.wins for said in spoken(self.resolver, self.agent, path)):
                return path, self.written(path)
        return (paths[0], self.written(paths[0])) if paths else ((), self.written(()))

    def written(self, path: KeyPath) -> tuple[str, Span]:
        file, span = place_of(self.resolver, self.agent, path)
        return file, span if span is not None else self.agent.agent_file.document.value_span(())

    def paths(self, policy: Policy) -> Iterator[KeyPath]:
        """Places in the configuration that the policy reads, as `require` names them, then as `when` does."""
        reads = [*policy.require.reads, *(policy.when.reads if policy.when else ())]
        for path in reads:
            if path[0] in {"models", "providers"}:
                yield (*self.entry(policy, str(path[0])), "model")
            elif path[0] not in _NOT_CONFIGURED:
                yield path

    def entry(self, policy: Policy, key: str) -> KeyPath:
        """The model that fails, or that is reached by the connection that fails; else the primary."""
        entries = self.judgement.subject.entries
        index = self.judgement.fails_alone(policy.require, key)
        if not entries:
            return ("llm",)
        if index is None:
            return entries[0].path
        if key == "models":
            return entries[index].path
        name = connections(self.judgement.subject)[index]["name"]
        return next(entry.path for entry in entries if entry.provider == name)

    def connection(self, policy: Policy) -> Iterator[Related]:
        """Where the connection that fails is declared."""
        index = self.judgement.fails_alone(policy.require, "providers")
        if index is None:
            return
        name = connections(self.judgement.subject)[index]["name"]
        if name in (self.agent.config.get("providers") or {}):
            file, span = self.written(("providers", name))
            yield Related(f"the connection '{name}'", file, span.line, span.column)
