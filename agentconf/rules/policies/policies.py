"""The policies of a tree: compiled, looked through and tried on a made-up agent, so that a mistake shows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from agentconf import codes
from agentconf.diagnostic import Diagnostic, Severity
from agentconf.document.document import Document
from agentconf.document.inside import span_inside
from agentconf.keypath import KeyPath, render
from agentconf.rules.policies import engine
from agentconf.rules.policies.bounds import COST_LIMIT, Sizes
from agentconf.rules.policies.expression import LENGTH_LIMIT, Node, Unread, read
from agentconf.rules.policies.survey import Misnamed, survey
from agentconf.rules.policies.vocabulary import vocabulary
from agentconf.rules.policies.wanted import Wanted, wanted_of

if TYPE_CHECKING:
    from cel import Program

POLICIES_LIMIT: Final = 200
EVERYTHING: Final = Sizes()
"""How large an agent may be for policies to be run on it without further thought."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition, ready to run. `reads` are the places in the agent that it names; see `Survey` for the others."""

    text: str
    tree: Node
    program: Program
    reads: tuple[KeyPath, ...]
    uses: tuple[KeyPath, ...]
    ranges: tuple[KeyPath, ...]

    def cost(self, sizes: Sizes) -> int:
        """What it takes at most on values of these sizes, in the steps of `survey`."""
        return survey(self.text, self.tree, vocabulary(), sizes).cost


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule of the organisation. `at` is where the settings say it."""

    id: str
    require: Expression
    when: Expression | None
    message: str | None
    severity: Severity
    at: KeyPath


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a tree that can be run, and what is wrong with the others."""

    document: Document | None = None
    policies: tuple[Policy, ...] = ()
    findings: tuple[Diagnostic, ...] = ()
    _wanted: dict[tuple[str, ...], Wanted] = field(default_factory=dict, compare=False)

    def wanted(self, concerned: Sequence[Policy] = ()) -> Wanted:
        """What every `when` looks at, and the `require` of those policies. Most agents are concerned by the same."""
        ids = tuple(policy.id for policy in concerned)
        if ids not in self._wanted:
            expressions = [policy.when for policy in self.policies if policy.when is not None]
            expressions += [policy.require for policy in concerned]
            uses = [path for expression in expressions for path in expression.uses]
            self._wanted[ids] = wanted_of(uses, [path for expression in expressions for path in expression.ranges])
        return self._wanted[ids]


def policies_of(document: Document | None) -> Policies:
    """The policies that the settings say. Without any, the CEL library is not imported."""
    written = document.value.get("policies") if document is not None else None
    if document is None or not isinstance(written, list) or not written:
        return Policies(document)
    return _made(_Key(document.file, document.data, document))


@dataclass(frozen=True, slots=True)
class _Key:
    """The same text in the same file has the same policies; they are made once for all environments."""

    file: str
    data: bytes
    document: Document = field(compare=False)


@lru_cache(maxsize=4)
def _made(key: _Key) -> Policies:
    document = key.document
    written = document.value["policies"]
    reader = _Reader(document)
    made = [reader.policy(said, index) for index, said in enumerate(written[:POLICIES_LIMIT])]
    if len(written) > POLICIES_LIMIT:
        reader.refuse(("policies",), f"a tree has at most {POLICIES_LIMIT} policies", "join some with &&")
    return Policies(document, tuple(policy for policy in made if policy is not None), tuple(reader.findings))


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Diagnostic] = []
        self.ids: set[str] = set()
        self.samples = engine.context(vocabulary().samples)

    def policy(self, said: Any, index: int) -> Policy | None:
        """None where it cannot be run; what its shape has against it is said by the schema."""
        at: KeyPath = ("policies", index)
        if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in ("id", "require")):
            return None
        name, message = said["id"], said.get("message")
        if name in self.ids:
            self.refuse((*at, "id"), f"two policies have the id '{name}'", "give one of them another id")
        self.ids.add(name)
        when = self.expression((*at, "when"), said["when"]) if isinstance(said.get("when"), str) else None
        require = self.expression((*at, "require"), said["require"])
        if require is None or (when is None and said.get("when") is not None):
            return None
        severity: Literal["error", "warning"] = "warning" if said.get("severity") == "warning" else "error"
        return Policy(name, require, when, message if isinstance(message, str) else None, severity, at)

    def expression(self, path: KeyPath, text: str) -> Expression | None:
        """The condition, or None and a finding."""
        try:
            made = self._compiled(text)
        except engine.NotCel as error:
            offset = _offset(text, error.line, error.column)
            self.refuse(path, f"{path[-1]} is not CEL: {error.said}", None, (offset, 1) if offset is not None else None)
        except Unread as error:
            self.refuse(path, error.said, "split it into several policies", (error.offset, 1))
        except Misnamed as error:
            self.refuse(path, error.said, error.hint, (error.offset, error.length))
        except _Unfit as error:
            self.refuse(path, error.said, error.hint)
        else:
            return made
        return None

    def _compiled(self, text: str) -> Expression:
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise _Unfit("half of a character is no text", None)
        if len(text) > LENGTH_LIMIT:
            raise Unread(f"an expression has at most {LENGTH_LIMIT:,} characters", 0)
        program = engine.compiled(text)
        tree = read(text)
        found = survey(text, tree, vocabulary(), EVERYTHING)
        if found.cost > COST_LIMIT:
            raise _Unfit(
                "this may take too long: it is bounded by what is nested in all, exists, map and filter, and by the "
                "size of patterns",
                "nest less, or split it into several policies",
            )
        asked = _asked(text, found.presence)
        program = program if asked == text else engine.compiled(asked)
        self._try(program, is_open=found.is_open)
        uses = ((),) if found.takes_whole else tuple(found.uses)
        return Expression(text, tree, program, tuple(found.reads), uses, tuple(found.ranges))

    def _try(self, program: Program, *, is_open: bool) -> None:
        """Run it on an agent with everything set: a type that never fits, or an answer that is none."""
        answer = engine.run(program, self.samples)
        if isinstance(answer, engine.Failure):
            if answer.is_certain and not is_open:
                raise _Unfit(answer.reason, "compare like with like, and call each function with what it takes")
        elif not isinstance(answer, bool):
            raise _Unfit("a condition is true or false, and this is neither", "compare it with something")

    def refuse(self, path: KeyPath, message: str, hint: str | None, at: tuple[int, int] | None = None) -> None:
        """A finding about the settings; `at`: the characters of the text that it is about, as offset and length."""
        document = self.document
        span = span_inside(document, path, *at) if at else document.value_span(path)
        self.findings.append(Diagnostic(codes.INVALID_POLICY, message, document.file, span, render(path), hint=hint))


class _Unfit(Exception):
    """A condition that is CEL, and still none that can be run."""

    def __init__(self, said: str, hint: str | None) -> None:
        self.said = said
        self.hint = hint
        super().__init__(said)


def _asked(text: str, presence: list[tuple[int, int, str]]) -> str:
    """The expression with each `has` of a key that is always there asking whether it is null."""
    for start, end, instead in sorted(presence, reverse=True):
        text = text[:start] + instead + text[end:]
    return text


def _offset(text: str, line: int | None, column: int | None) -> int | None:
    """Where in a text a line and a column lie."""
    if line is None or column is None:
        return None
    lines = text.split("\n")
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1 if line <= len(lines) else len(text)
